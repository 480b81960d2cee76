#include "orchestrator/ledger/sqlite_conditions.hpp"

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/task_outcome.hpp"

#include <fmt/format.h>

namespace callsheet::ledger {

std::string bought_outcomes() {
  return fmt::format("('{}', '{}')", to_string(TaskOutcome::made), to_string(TaskOutcome::mismatched));
}

std::string known_tasks() {
  return "(SELECT run, task FROM tasks WHERE identity = ?1 "
         "UNION SELECT run, task FROM retakes WHERE stands_for = ?1)";
}

std::string open_states() {
  std::string states;
  for (auto const state : {AttemptState::submitting, AttemptState::running, AttemptState::in_doubt,
                           AttemptState::finished, AttemptState::failed, AttemptState::refused})
    if (is_open(state)) states += fmt::format("{}'{}'", states.empty() ? "" : ", ", to_string(state));
  return "(" + states + ")";
}

std::string is_outstanding(std::string const& outcomes) {
  return fmt::format("coalesce({}.outcome, 'outstanding') = 'outstanding'", outcomes);
}

std::string has_money_out(std::string const& attempts, std::string const& outcomes) {
  return fmt::format("({0}.state IN {1} OR ({0}.state = 'finished' AND {2}))", attempts, open_states(),
                     is_outstanding(outcomes));
}

std::string is_taken_since(std::string const& attempts, std::string const& outcomes,
                           std::string const& position) {
  return fmt::format(
      "({0}.state IN {1} OR ({0}.state = 'finished' AND ({2} OR ({3}.outcome IN {4} AND EXISTS "
      "(SELECT 1 FROM entries e WHERE e.run = {0}.run AND e.task = {0}.task AND e.ordinal = {0}.ordinal "
      "AND e.entry > {5})))))",
      attempts, open_states(), is_outstanding(outcomes), outcomes, bought_outcomes(), position);
}

std::string has_open_attempt(std::string const& row) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM attempts open WHERE open.run = {0}.run AND open.task = {0}.task AND open.state IN {1})",
      row, open_states());
}

std::string is_bought(std::string const& row) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM attempts bought WHERE bought.run = {0}.run AND bought.task = {0}.task "
      "AND bought.state NOT IN ('refused', 'failed'))",
      row);
}

}  // namespace callsheet::ledger
