#pragma once

#include "orchestrator/ledger/memory_ledger.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

// What the tests of every store have in common: a small campaign and short ways to record things about it.
namespace callsheet::test {

using namespace callsheet::ledger;
using namespace std::chrono_literals;

inline TimePoint const noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h;
inline RunId const run_id{"20261123-120000-0001"};

/// Runs the test once for every store.
inline void for_each_store(std::function<void(Ledger&)> const& test) {
  SUBCASE("sqlite") {
    auto ledger = open_sqlite_ledger(":memory:", Access::read_write);
    REQUIRE(ledger.has_value());
    test(**ledger);
  }
  SUBCASE("memory") {
    auto const ledger = open_memory_ledger(make_memory_disk());
    test(*ledger);
  }
}

inline Budget cap_of(Credits cap) {
  Budget budget;
  budget.cap = cap;
  return budget;
}

/// Each run asks for something of its own, but for what a test says.
inline void begin(Ledger& ledger, int tasks, Budget const& caps, RunId const& id = run_id,
                  std::string const& gateway = "evolink") {
  REQUIRE(
      ledger
          .begin_run({.id = id, .campaign = id.str(), .gateway = gateway, .nonce = "nonce", .started = noon})
          .has_value());
  REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
  std::vector<NewTask> rows;
  std::string const own = id == run_id ? "" : id.str() + "-";
  for (int i = 0; i < tasks; ++i)
    rows.push_back({.identity = TaskIdentity{own + "identity-" + std::to_string(i)},
                    .name = "t" + std::to_string(i),
                    .spec = "{}"});
  REQUIRE(ledger.add_tasks(id, rows).has_value());
  REQUIRE(ledger.start_run(id, "{}", caps).has_value());
}

inline AttemptKey key(std::uint32_t task, std::uint32_t ordinal = 1) {
  return {TaskId{task}, ordinal};
}

inline Intent intent(AttemptKey attempt, Credits most, TimePoint at = noon, GroupSet groups = {}) {
  return {.attempt = attempt,
          .model = ModelId{"m"},
          .most = most,
          .groups = groups,
          .idempotency_key = "key",
          .callback_token = {},
          .request_body = "{}",
          .why = {},
          .waited = {},
          .known_until = std::numeric_limits<std::int64_t>::max(),
          .gateway_ahead = {},
          .at = at};
}

inline IdReceived id_of(AttemptKey attempt, std::string id, IdSource source = IdSource::answer) {
  return {.attempt = attempt, .id = GatewayTaskId{std::move(id)}, .at = noon, .source = source};
}

inline Receipt commit(Ledger& ledger, Record record, RunId const& id = run_id) {
  auto receipts = ledger.commit(id, {std::move(record)});
  if (!receipts) FAIL(receipts.error().what);
  return receipts->front();
}

inline Balance balance_of(Ledger& ledger, RunId const& id = run_id) {
  auto const summary = ledger.summary(id);
  REQUIRE(summary.has_value());
  return summary->balance;
}

inline std::vector<TaskId> ids_of(std::vector<TaskRecord> const& tasks) {
  std::vector<TaskId> ids;
  for (TaskRecord const& task : tasks) ids.push_back(task.id);
  return ids;
}

/// What the entries add up to: the only truth about money.
inline Balance sum(std::vector<Entry> const& entries) {
  Balance sums;
  for (Entry const& entry : entries)
    for (auto const& [account, sign] : {std::pair{entry.from, -1}, {entry.to, 1}}) {
      if (account == Account::held) sums.held += entry.amount * sign;
      if (account == Account::billed) sums.billed += entry.amount * sign;
      if (account == Account::refund_expected) sums.refund_expected += entry.amount * sign;
    }
  return sums;
}

inline Failure const failure{.kind = FailureKind::temporary, .code = "service_error", .message = "no"};

/// A run that asks for these.
inline void begin_asking(Ledger& ledger, RunId const& id, std::vector<TaskIdentity> const& asked,
                         TimePoint started, std::string const& gateway = "evolink") {
  NewRun const run{.id = id, .campaign = id.str(), .gateway = gateway, .nonce = "n", .started = started};
  REQUIRE(ledger.begin_run(run).has_value());
  REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
  std::vector<NewTask> rows;
  for (TaskIdentity const& identity : asked)
    rows.push_back({.identity = identity, .name = identity.str(), .spec = "{}"});
  REQUIRE(ledger.add_tasks(id, rows).has_value());
  REQUIRE(ledger.start_run(id, "{}", cap_of(Credits::whole(1000))).has_value());
}

/// What the attempt asks for, paid for and there.
inline void make(Ledger& ledger, AttemptKey attempt, RunId const& run) {
  commit(ledger, id_of(attempt, "task-unified-" + run.str() + to_string(attempt)), run);
  commit(ledger, Settled{.attempt = attempt, .billed = Credits::whole(1), .at = noon}, run);
  commit(ledger, TaskEnded{attempt.task, TaskOutcome::made, "", noon}, run);
}

}  // namespace callsheet::test
