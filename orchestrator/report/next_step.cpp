#include "orchestrator/report/next_step.hpp"

#include <fmt/format.h>

namespace callsheet::report {

namespace {

/// The first attempt whose outcome nobody knows: the commands that settle it need its number.
AttemptLine const* first_doubt(std::vector<ClipLine> const& clips) {
  for (ClipLine const& clip : clips)
    for (AttemptLine const& attempt : clip.attempts)
      if (attempt.state == AttemptState::in_doubt) return &attempt;
  return nullptr;
}

}  // namespace

std::vector<NextStep> next_steps(ResultModel const& model) {
  Totals const totals = totals_of(model.clips);
  std::string const& run = model.run.str();
  std::vector<NextStep> steps;
  if (AttemptLine const* const doubt = first_doubt(model.clips)) {
    steps.push_back({fmt::format("callsheet adopt {} {} TASK_ID", run, number(doubt->id)),
                     "when the gateway's task list shows the task: fetch its clip"});
    steps.push_back({fmt::format("callsheet release {} {}", run, number(doubt->id)),
                     "when it shows nothing: free the hold"});
  }
  if (totals.outstanding > 0)
    steps.push_back({fmt::format("callsheet resume {}", run), "go on with the outstanding clips"});
  if (totals.failed > 0)
    steps.push_back({fmt::format("callsheet retry {}", run), "try the failed clips again, within the cap"});
  if (totals.skipped > 0)
    steps.push_back({"callsheet run MANIFEST --budget CREDITS",
                     "buy the skipped clips under a higher cap; clips in place are not bought again"});
  if (totals.made + totals.reused > 0)
    steps.push_back({fmt::format("callsheet review {}", run), "accept or reject the takes"});
  return steps;
}

}  // namespace callsheet::report
