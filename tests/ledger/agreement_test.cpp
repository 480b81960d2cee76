// Random histories of a run, booked by both stores at once: they must agree about everything that can be read
// back, and the entries must add up to the balances and stay below the caps at every step.

#include "tests/ledger/store_fixture.hpp"

#include <array>
#include <map>
#include <optional>

#include <rapidcheck.h>

using namespace callsheet;
using namespace callsheet::test;

namespace {

constexpr std::uint32_t task_count = 5;
constexpr int steps = 60;

struct Known {
  AttemptState state = AttemptState::submitting;
  Credits refund_expected;
};

/// What may happen next to an attempt in that state; the draw says which.
std::optional<Record> next_of(AttemptKey attempt, Known const& known, int draw, Credits amount,
                              TimePoint at) {
  switch (known.state) {
    case AttemptState::submitting:
      if (draw % 3 == 0) return id_of(attempt, "task-unified-" + to_string(attempt));
      if (draw % 3 == 1) return Released{.attempt = attempt, .failure = failure, .then = "again", .at = at};
      return Doubted{.attempt = attempt, .failure = failure, .at = at};
    case AttemptState::in_doubt:
      if (draw % 3 == 0) return id_of(attempt, "task-unified-" + to_string(attempt), IdSource::found);
      if (draw % 3 == 1) return Released{.attempt = attempt, .failure = failure, .then = "", .at = at};
      return WrittenOff{.attempt = attempt, .how = "they said so", .at = at};
    case AttemptState::running:
      if (draw % 4 == 0) return HoldRaised{.attempt = attempt, .to = amount, .at = at};
      if (draw % 4 == 1)
        return FailureBooked{.attempt = attempt,
                             .failure = failure,
                             .refund_seen = draw % 8 == 1,
                             .charged = draw % 16 == 5 ? std::optional{amount} : std::nullopt,
                             .then = "",
                             .at = at};
      return Settled{.attempt = attempt, .billed = amount, .by = BilledBy::told, .at = at};
    case AttemptState::failed:
      if (known.refund_expected == Credits{}) return std::nullopt;
      return RefundSettled{.attempt = attempt,
                           .fate = draw % 2 == 0 ? RefundFate::came : RefundFate::denied,
                           .how = "the task says so",
                           .at = at};
    case AttemptState::finished:
    case AttemptState::refused:
      return std::nullopt;
  }
  return std::nullopt;
}

Budget caps() {
  Budget budget = cap_of(Credits::whole(60));
  budget.daily = Credits::whole(50);
  budget.per_task = Credits::whole(20);
  budget.groups = {{.axis = "locale", .value = "de", .cap = Credits::whole(25)}};
  return budget;
}

void check_agreement(Ledger& one, Ledger& other) {
  auto const entries = one.entries(run_id, std::nullopt);
  RC_ASSERT(entries.has_value());
  RC_ASSERT(*entries == *other.entries(run_id, std::nullopt));
  auto const a = one.summary(run_id);
  auto const b = other.summary(run_id);
  RC_ASSERT(a->balance == sum(*entries));
  RC_ASSERT(a->balance == b->balance);
  RC_ASSERT(a->outstanding == b->outstanding);
  RC_ASSERT(a->in_doubt == b->in_doubt);
  auto const under_way = one.under_way(run_id, 2);
  auto const other_under_way = other.under_way(run_id, 2);
  RC_ASSERT(under_way->all == other_under_way->all);
  RC_ASSERT(ids_of(under_way->tasks) == ids_of(other_under_way->tasks));
  RC_ASSERT(ids_of(*one.latest_ends(run_id, 3)) == ids_of(*other.latest_ends(run_id, 3)));
  auto const rows = one.tasks(run_id, TaskId{0}, task_count);
  auto const other_rows = other.tasks(run_id, TaskId{0}, task_count);
  for (std::uint32_t task = 0; task < task_count; ++task) {
    RC_ASSERT(rows->at(task).outcome == other_rows->at(task).outcome);
    auto const& mine = rows->at(task).attempts;
    auto const& theirs = other_rows->at(task).attempts;
    RC_ASSERT(mine.size() == theirs.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      RC_ASSERT(mine[i].key == theirs[i].key);
      RC_ASSERT(mine[i].state == theirs[i].state);
      RC_ASSERT(mine[i].balance == theirs[i].balance);
      RC_ASSERT(mine[i].task_id == theirs[i].task_id);
      RC_ASSERT(mine[i].then == theirs[i].then);
      RC_ASSERT(mine[i].billed_by == theirs[i].billed_by);
    }
  }
}

}  // namespace

TEST_CASE("ledger: two stores book any history alike, and no hold ever takes a balance above a cap") {
  CHECK(rc::check([] {
    auto const sqlite = open_sqlite_ledger(":memory:", Access::read_write);
    auto const disk = make_memory_disk();
    auto memory = open_memory_ledger(disk);
    begin(**sqlite, task_count, caps());
    begin(*memory, task_count, caps());
    std::map<AttemptKey, Known> attempts;
    std::array<std::uint32_t, task_count> ordinals{};
    for (int step = 0; step < steps; ++step) {
      auto const draw = *rc::gen::inRange(0, 48);
      auto const task = *rc::gen::inRange<std::uint32_t>(0, task_count);
      Credits const amount = Credits::from_units(*rc::gen::inRange(1, 150'000));
      TimePoint const at = noon + step * 30min;
      AttemptKey attempt{TaskId{task}, ordinals[task]};
      std::optional<Record> record;
      if (auto const found = attempts.find(attempt); found != attempts.end())
        record = next_of(attempt, found->second, draw, amount, at);
      if (!record) {
        attempt.ordinal = ordinals[task] + 1;
        GroupSet const groups = task % 2 == 0 ? GroupSet{.indexes = {0}, .size = 1} : GroupSet{};
        record = intent(attempt, amount, at, groups);
      }
      Balance const before = balance_of(**sqlite);
      auto const receipt = commit(**sqlite, *record);
      auto const other = commit(*memory, *record);
      RC_ASSERT(receipt.granted == other.granted);
      RC_ASSERT(receipt.why == other.why);
      Balance const after = balance_of(**sqlite);
      if (std::holds_alternative<Intent>(*record)) {
        RC_ASSERT(after.committed() <= std::max(caps().cap, before.committed()));
        RC_ASSERT(receipt.granted || after == before);
      }
      if (receipt.granted) {
        ordinals[task] = attempt.ordinal;
        auto const row = (*sqlite)->tasks(run_id, TaskId{task}, 1);
        AttemptRecord const& now = row->at(0).attempts.back();
        attempts[attempt] = {.state = now.state, .refund_expected = now.balance.refund_expected};
      }
      // A store that is opened again knows what it knew.
      if (draw == 0) memory = open_memory_ledger(disk);
    }
    check_agreement(**sqlite, *memory);
  }));
}
