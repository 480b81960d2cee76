#include "tests/sim/rival.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::sim {

void Rival::begin(std::vector<ledger::NewTask> const& wanted) {
  ledger_ = ledger::open_memory_ledger(disk_);
  static_cast<void>(ledger_->begin_run(
      {.id = run_, .campaign = "rival", .gateway = "sim", .nonce = "rival", .started = begun_}));
  static_cast<void>(ledger_->add_routes(run_, {"{}"}));
  std::vector<ledger::NewTask> tasks;
  for (ledger::NewTask const& one : wanted) {
    tasks.push_back({.identity = one.identity, .name = one.name, .spec = "{}", .element = one.element});
    clips_.push_back({.identity = one.identity});
  }
  static_cast<void>(ledger_->add_tasks(run_, tasks));
  Budget budget;
  budget.cap = Credits::whole(1000);
  static_cast<void>(ledger_->start_run(run_, "{}", budget));
}

ledger::Receipt Rival::commit(ledger::Record record) {
  return ledger_->commit(run_, {std::move(record)})->front();
}

bool Rival::try_to_buy(std::size_t index, TimePoint now) {
  Clip& clip = clips_[index];
  AttemptKey const attempt{TaskId{static_cast<std::uint32_t>(index)}, clip.attempts + 1};
  // The least there is: what it spends on the day that both share is not what this is about.
  if (!commit(ledger::Intent{.attempt = attempt,
                             .model = ModelId{"model-0"},
                             .most = Credits::from_units(1),
                             .groups = {},
                             .idempotency_key = fmt::format("rival-{}", to_string(attempt)),
                             .callback_token = {},
                             .request_body = "{}",
                             .why = {},
                             .waited = {},
                             .known_until = 0,
                             .gateway_ahead = {},
                             .at = now})
           .granted)
    return false;
  ++clip.attempts;
  clip.state = State::open;
  return true;
}

void Rival::end(std::size_t index, bool made, TimePoint now) {
  Clip& clip = clips_[index];
  AttemptKey const attempt{TaskId{static_cast<std::uint32_t>(index)}, clip.attempts};
  if (made) {
    commit(ledger::IdReceived{attempt, GatewayTaskId{fmt::format("task-rival-{}", to_string(attempt))}, now});
    commit(ledger::Settled{.attempt = attempt, .billed = Credits::from_units(1), .at = now});
    commit(ledger::TaskEnded{.task = attempt.task, .outcome = TaskOutcome::made, .why = {}, .at = now});
  } else {
    commit(ledger::Released{.attempt = attempt, .failure = {.message = "given up"}, .then = {}, .at = now});
  }
  clip.state = made ? State::made : State::none;
}

std::optional<std::size_t> Rival::act(Dice& dice, TimePoint now) {
  std::size_t const index = static_cast<std::size_t>(dice.pick(0, static_cast<int>(clips_.size()) - 1));
  if (clips_[index].state == State::none) return try_to_buy(index, now) ? std::optional{index} : std::nullopt;
  if (clips_[index].state == State::open && dice.chance(50)) end(index, dice.chance(60), now);
  return std::nullopt;
}

void Rival::settle(Dice& dice, TimePoint now) {
  for (std::size_t i = 0; i < clips_.size(); ++i)
    if (clips_[i].state == State::open) end(i, dice.chance(60), now);
}

bool Rival::has(TaskIdentity const& identity) const {
  return std::any_of(clips_.begin(), clips_.end(), [&](Clip const& clip) {
    return clip.identity == identity && clip.state != State::none;
  });
}

}  // namespace callsheet::sim
