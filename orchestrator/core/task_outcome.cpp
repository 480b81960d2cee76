#include "orchestrator/core/task_outcome.hpp"

#include <array>
#include <utility>

namespace callsheet {

namespace {

constexpr std::array<std::pair<TaskOutcome, std::string_view>, 8> outcome_names{{
    {TaskOutcome::outstanding, "outstanding"},
    {TaskOutcome::made, "made"},
    {TaskOutcome::mismatched, "mismatched"},
    {TaskOutcome::reused, "reused"},
    {TaskOutcome::failed, "failed"},
    {TaskOutcome::in_doubt, "in_doubt"},
    {TaskOutcome::waiting, "waiting"},
    {TaskOutcome::skipped, "skipped"},
}};

}  // namespace

std::string_view to_string(TaskOutcome outcome) {
  for (auto const& [value, name] : outcome_names)
    if (value == outcome) return name;
  return "";
}

std::optional<TaskOutcome> parse_task_outcome(std::string_view text) {
  for (auto const& [value, name] : outcome_names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace callsheet
