#include "orchestrator/core/attempt.hpp"

#include <array>
#include <utility>

namespace callsheet {

namespace {

constexpr std::array<std::pair<AttemptState, std::string_view>, 6> state_names{{
    {AttemptState::submitting, "submitting"},
    {AttemptState::running, "running"},
    {AttemptState::in_doubt, "in_doubt"},
    {AttemptState::finished, "finished"},
    {AttemptState::failed, "failed"},
    {AttemptState::refused, "refused"},
}};

constexpr std::array<std::pair<AttemptState, AttemptState>, 8> arrows{{
    {AttemptState::submitting, AttemptState::running},
    {AttemptState::submitting, AttemptState::in_doubt},
    {AttemptState::submitting, AttemptState::refused},
    {AttemptState::in_doubt, AttemptState::running},
    {AttemptState::in_doubt, AttemptState::refused},
    {AttemptState::in_doubt, AttemptState::failed},
    {AttemptState::running, AttemptState::finished},
    {AttemptState::running, AttemptState::failed},
}};

constexpr std::array<std::pair<BilledBy, std::string_view>, 4> billed_by_names{{
    {BilledBy::told, "told"},
    {BilledBy::request, "request"},
    {BilledBy::length, "length"},
    {BilledBy::hand, "hand"},
}};

}  // namespace

bool may_become(AttemptState from, AttemptState to) {
  for (auto const& arrow : arrows)
    if (arrow == std::pair{from, to}) return true;
  return false;
}

bool is_open(AttemptState state) {
  return state == AttemptState::submitting || state == AttemptState::running ||
         state == AttemptState::in_doubt;
}

std::string_view to_string(AttemptState state) {
  for (auto const& [value, name] : state_names)
    if (value == state) return name;
  return "";
}

std::optional<AttemptState> parse_attempt_state(std::string_view text) {
  for (auto const& [value, name] : state_names)
    if (name == text) return value;
  return std::nullopt;
}

std::string_view to_string(BilledBy by) {
  for (auto const& [value, name] : billed_by_names)
    if (value == by) return name;
  return "";
}

std::optional<BilledBy> parse_billed_by(std::string_view text) {
  for (auto const& [value, name] : billed_by_names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace callsheet
