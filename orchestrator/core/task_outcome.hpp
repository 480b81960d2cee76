#pragma once

#include <optional>
#include <string_view>

namespace callsheet {

/// Stands in the reason of a reused clip that was mismatched in the run that bought it.
inline constexpr std::string_view not_as_ordered = "the clip is not what was ordered";
/// How the reason begins why a task is skipped that is no longer wanted: a later run makes it anew, say.
inline constexpr std::string_view withdrawn = "withdrawn: ";

/// How a task stands. `outstanding` and `waiting` are no ends; `resume` turns them into one of the others.
enum class TaskOutcome {
  outstanding,  ///< not ended: waiting, running, or paid and not yet fetched
  made,         ///< the clip is in place
  mismatched,   ///< the clip is in place and paid for, and is not what was ordered
  reused,       ///< an earlier run made the same clip: nothing was bought
  failed,       ///< given up
  in_doubt,     ///< an attempt may have landed and nothing tells; never sent again on a guess
  waiting,      ///< another run asked for it first and has not brought it home: not bought here
  skipped,      ///< the budget or a deadline did not allow it, or it was withdrawn
};

std::string_view to_string(TaskOutcome outcome);
std::optional<TaskOutcome> parse_task_outcome(std::string_view text);

}  // namespace callsheet
