#include "orchestrator/cli/announcement.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/plan/joint_plan.hpp"
#include "orchestrator/plan/task_choice.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// "of them autumn 200, spring 300", where several campaigns share the run.
std::string own_caps(plan::PlanTerms const& terms) {
  std::string text;
  for (GroupCap const& group : terms.budget.groups)
    if (group.axis == plan::campaign_axis)
      text += fmt::format("{}{} {}", text.empty() ? "each within its own cap: " : ", ", group.value,
                          to_string(group.cap));
  return text.empty() ? text : text + " credits\n";
}

}  // namespace

std::string announcement(plan::PlanTerms const& terms, PlanSums const& sums) {
  std::string text = fmt::format("{}: {}", plain(terms.campaign), count_of(sums.clips, "clip"));
  if (std::string const flags = to_flags(terms.choice); !flags.empty())
    text += fmt::format(" chosen by {}", plain(flags));
  if (sums.made > 0) text += fmt::format(", {} already made and not bought again", sums.made);
  if (sums.file_gone > 0)
    text += fmt::format(", {} made before whose file is gone or was changed, bought again", sums.file_gone);
  if (sums.outstanding > 0) text += fmt::format(", {} waiting for another run, not bought", sums.outstanding);
  if (sums.over_budget > 0) text += fmt::format(", {} left out to fit the budget", sums.over_budget);
  if (sums.elements > 0) text += fmt::format("; {}", elements_in_words(sums));
  if (sums.to_make + sums.elements_to_make == 0) return text + "\nnothing to buy: 0 credits\n";
  std::string const first = sums.elements_to_make == 0
                                ? ""
                                : fmt::format("{} first, then ", count_of(sums.elements_to_make, "element"));
  return text +
         fmt::format("\n{}{} to make for {} credits ({}), cap {} credits\n", first, sums.to_make,
                     to_string(sums.fresh), approximate_usd(sums.fresh, terms.usd_rate),
                     to_string(terms.budget.cap)) +
         own_caps(terms);
}

}  // namespace callsheet::cli
