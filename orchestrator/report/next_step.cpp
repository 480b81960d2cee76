#include "orchestrator/report/next_step.hpp"

#include <fmt/format.h>

namespace callsheet::report {

std::vector<NextStep> next_steps(ResultModel const& model) {
  Totals const& totals = model.totals;
  std::string const& run = model.head.run.str();
  std::vector<NextStep> steps;
  if (totals.in_doubt > 0)
    steps.push_back({fmt::format("callsheet status {}", run),
                     "see the attempts in doubt; `adopt` and `release` settle what you find out about them"});
  if (totals.outstanding + totals.in_doubt > 0)
    steps.push_back({fmt::format("callsheet resume {}", run), totals.outstanding > 0
                                                                  ? "go on with the outstanding clips"
                                                                  : "look for evidence once more"});
  if (totals.failed > 0)
    steps.push_back(
        {"callsheet run MANIFEST", "try the failed clips again; clips in place are not bought again"});
  if (totals.skipped > 0 && model.head.status == RunStatus::stopped_by_deadline)
    steps.push_back(
        {"callsheet run MANIFEST",
         "make the clips that were left out, with more time; clips in place are not bought again"});
  else if (totals.skipped > 0)
    steps.push_back({"callsheet run MANIFEST",
                     "buy the skipped clips once budget.cap is raised; clips in place are not bought again"});
  return steps;
}

}  // namespace callsheet::report
