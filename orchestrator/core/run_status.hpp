#pragma once

#include <optional>
#include <string_view>

namespace callsheet {

enum class RunStatus {
  running,               ///< a process works on it
  completed,             ///< every task ended, whatever its outcome
  interrupted,           ///< stopped with work outstanding: can be resumed
  waiting,               ///< ended but for tasks that other runs have: can be resumed
  stopped_by_budget,     ///< ended with tasks skipped because of a cap
  stopped_by_deadline,   ///< ended with tasks skipped because there was no more time
  stopped_by_threshold,  ///< ended with tasks skipped because a threshold was breached
};

std::string_view to_string(RunStatus status);
std::optional<RunStatus> parse_run_status(std::string_view text);

}  // namespace callsheet
