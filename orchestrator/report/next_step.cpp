#include "orchestrator/report/next_step.hpp"

#include <fmt/format.h>

namespace callsheet::report {

std::vector<NextStep> next_steps(ResultModel const& model) {
  Totals const& totals = model.totals;
  std::string const& run = model.head.run.str();
  std::string const& callsheet = model.head.command;
  std::vector<NextStep> steps;
  int const in_doubt = totals.in_doubt + totals.elements.in_doubt;
  int const outstanding = totals.outstanding + totals.elements.outstanding;
  if (in_doubt > 0)
    steps.push_back({fmt::format("{} status {}", callsheet, run),
                     "see the attempts in doubt; `adopt` and `release` settle what you find out about them"});
  int const waiting = totals.waiting + totals.elements.waiting;
  if (outstanding + in_doubt + waiting > 0)
    steps.push_back({fmt::format("{} resume {}", callsheet, run),
                     outstanding > 0 ? model.head.replaced
                                           ? "make what it left all the same: a later run was begun in its "
                                             "place, perhaps from another manifest"
                                           : "go on with the outstanding clips"
                     : waiting > 0   ? "take over what other runs have brought home by then"
                                     : "look for evidence once more"});
  if (totals.mismatched > 0)
    steps.push_back({fmt::format("{} dispute {}", callsheet, run),
                     "write down what came other than ordered, for the gateway's support"});
  std::vector<std::string> again;
  if (totals.failed > 0) again.emplace_back("try the failed clips again");
  if (totals.skipped > totals.withdrawn)
    again.emplace_back(model.head.status == RunStatus::stopped_by_deadline
                           ? "make those that were left out, with a later `deadline`"
                           : "buy the skipped clips once the budget is raised");
  if (!again.empty())
    steps.push_back({fmt::format("{} {} MANIFEST{}", callsheet, model.head.retake ? "retake" : "run",
                                 is_rehearsal(model.head) ? " --local" : ""),
                     fmt::format("{}; clips in place are not bought again", fmt::join(again, ", and "))});
  return steps;
}

}  // namespace callsheet::report
