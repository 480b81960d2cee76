#include "orchestrator/core/run_status.hpp"

#include <array>
#include <utility>

namespace callsheet {

namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 7> status_names{{
    {RunStatus::running, "running"},
    {RunStatus::completed, "completed"},
    {RunStatus::interrupted, "interrupted"},
    {RunStatus::waiting, "waiting"},
    {RunStatus::stopped_by_budget, "stopped_by_budget"},
    {RunStatus::stopped_by_deadline, "stopped_by_deadline"},
    {RunStatus::stopped_by_threshold, "stopped_by_threshold"},
}};

}  // namespace

std::string_view to_string(RunStatus status) {
  for (auto const& [value, name] : status_names)
    if (value == status) return name;
  return "";
}

std::optional<RunStatus> parse_run_status(std::string_view text) {
  for (auto const& [value, name] : status_names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace callsheet
