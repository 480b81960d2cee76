#include "orchestrator/core/digest.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <filesystem>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::ledger;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Ledger> fresh() {
  auto ledger = open_sqlite_ledger(":memory:", Access::read_write);
  REQUIRE(ledger.has_value());
  return *std::move(ledger);
}

TimePoint const noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h;
RunId const run_id{"20261123-120000-0001"};

NewRun run_of(int tasks, Credits cap, RunId id = run_id) {
  NewRun run{.id = std::move(id),
             .campaign = "spring",
             .gateway = "evolink",
             .settings = "{}",
             .cap = cap,
             .daily_cap = {},
             .started = noon,
             .tasks = {}};
  for (int i = 0; i < tasks; ++i)
    run.tasks.push_back(
        {.identity = TaskIdentity{"identity-" + std::to_string(i)}, .name = "t", .spec = "{}"});
  return run;
}

Record intent(std::uint32_t task, Credits most, TimePoint at = noon, std::uint32_t ordinal = 1) {
  return Intent{.attempt = {TaskId{task}, ordinal},
                .model = ModelId{"m"},
                .most = most,
                .idempotency_key = "key",
                .request_body = "{}",
                .at = at};
}

Receipt commit_one(Ledger& ledger, Record record, RunId const& id = run_id) {
  auto receipts = ledger.commit(id, {std::move(record)});
  REQUIRE(receipts.has_value());
  return receipts->front();
}

AttemptKey key(std::uint32_t task, std::uint32_t ordinal = 1) {
  return {TaskId{task}, ordinal};
}

RunSummary summary(Ledger& ledger) {
  auto run = ledger.run(run_id);
  REQUIRE(run.has_value());
  return run->summary;
}

/// What the entries of the run add up to, account by account: the only truth about money.
struct Sums {
  Credits held, billed, refund_expected;
};
Sums sums(Ledger& ledger) {
  auto entries = ledger.entries(run_id);
  REQUIRE(entries.has_value());
  Sums sums;
  for (Entry const& entry : *entries) {
    for (auto const& [account, sign] : {std::pair{entry.from, -1}, {entry.to, 1}}) {
      if (account == Account::held) sums.held += entry.amount * sign;
      if (account == Account::billed) sums.billed += entry.amount * sign;
      if (account == Account::refund_expected) sums.refund_expected += entry.amount * sign;
    }
  }
  return sums;
}

}  // namespace

TEST_CASE("ledger: a hold that would exceed the cap is refused and leaves no trace") {
  auto ledger = fresh();
  REQUIRE(ledger->begin_run(run_of(3, Credits::whole(50))).has_value());
  CHECK(commit_one(*ledger, intent(0, Credits::whole(30))).granted);
  Receipt const refused = commit_one(*ledger, intent(1, Credits::from_units(200'001)));
  CHECK_FALSE(refused.granted);
  CHECK(refused.why.find("cap of 50") != std::string::npos);
  CHECK(commit_one(*ledger, intent(2, Credits::whole(20))).granted);
  CHECK(summary(*ledger).held == Credits::whole(50));
  CHECK(ledger->run(run_id)->attempts.size() == 2);
}

TEST_CASE("ledger: balances are the sums of the entries, whatever happens to an attempt") {
  auto ledger = fresh();
  REQUIRE(ledger->begin_run(run_of(6, Credits::whole(1000))).has_value());
  for (std::uint32_t task = 0; task < 6; ++task) commit_one(*ledger, intent(task, Credits::whole(10)));
  Failure const failure{.kind = FailureKind::temporary, .code = "service_error", .message = "no"};
  for (std::uint32_t task = 0; task < 4; ++task)
    commit_one(*ledger, IdReceived{key(task), GatewayTaskId{"task-unified-1"}, noon});
  commit_one(*ledger, Settled{key(0), Credits::whole(10), noon});
  commit_one(*ledger, Settled{key(1), Credits::whole(7), noon});
  commit_one(*ledger, Settled{key(2), Credits::whole(12), noon});
  commit_one(*ledger, FailureBooked{key(3), failure, false, noon});
  commit_one(*ledger, Released{key(4), failure, noon});
  commit_one(*ledger, Doubted{key(5), failure, noon});

  RunSummary const run = summary(*ledger);
  CHECK(run.billed == Credits::whole(29));
  CHECK(run.refund_expected == Credits::whole(10));
  CHECK(run.held == Credits::whole(10));
  Sums const from_entries = sums(*ledger);
  CHECK(from_entries.billed == run.billed);
  CHECK(from_entries.held == run.held);
  CHECK(from_entries.refund_expected == run.refund_expected);
  Credits of_attempts;
  auto const whole = ledger->run(run_id);
  for (AttemptRecord const& attempt : whole->attempts)
    of_attempts += attempt.held + attempt.billed + attempt.refund_expected;
  CHECK(of_attempts == run.held + run.billed + run.refund_expected);
}

TEST_CASE("ledger: the day's cap counts all runs of the gateway, by the day of the hold") {
  auto ledger = fresh();
  NewRun first = run_of(1, Credits::whole(1000));
  first.daily_cap = Credits::whole(40);
  NewRun second = run_of(2, Credits::whole(1000), RunId{"second"});
  second.daily_cap = Credits::whole(40);
  REQUIRE(ledger->begin_run(first).has_value());
  REQUIRE(ledger->begin_run(second).has_value());
  CHECK(commit_one(*ledger, intent(0, Credits::whole(30))).granted);
  CHECK_FALSE(commit_one(*ledger, intent(0, Credits::whole(20)), RunId{"second"}).granted);
  CHECK(commit_one(*ledger, intent(0, Credits::whole(20), noon + 24h), RunId{"second"}).granted);
  commit_one(*ledger, Released{key(0), Failure{}, noon});
  CHECK(commit_one(*ledger, intent(1, Credits::whole(40)), RunId{"second"}).granted);
}

TEST_CASE("ledger: a batch is all or nothing") {
  auto ledger = fresh();
  REQUIRE(ledger->begin_run(run_of(2, Credits::whole(100))).has_value());
  // The same attempt twice breaks a constraint of the store: neither may stay.
  auto const receipts = ledger->commit(run_id, {intent(0, Credits::whole(1)), intent(0, Credits::whole(1))});
  REQUIRE_FALSE(receipts.has_value());
  CHECK(receipts.error().code == Code::ledger_unavailable);
  CHECK(summary(*ledger).held == Credits{});
  CHECK(ledger->run(run_id)->attempts.empty());
}

TEST_CASE("ledger: a made clip is known by its identity at its own gateway, and so is money that is out") {
  auto ledger = fresh();
  REQUIRE(ledger->begin_run(run_of(3, Credits::whole(100))).has_value());
  commit_one(*ledger, intent(0, Credits::whole(1)));
  commit_one(*ledger, IdReceived{key(0), GatewayTaskId{"task-unified-1"}, noon});
  commit_one(*ledger, Settled{key(0), Credits::whole(1), noon});
  ClipRecord const clip{
      .path = "/out/a.mp4", .size_bytes = 9, .width = 2, .height = 2, .length = 3s, .has_sound = true};
  commit_one(*ledger, ClipStored{TaskId{0}, clip});
  commit_one(*ledger, TaskEnded{TaskId{0}, TaskOutcome::made, "", noon});
  commit_one(*ledger, intent(1, Credits::whole(1)));

  std::vector<TaskIdentity> const asked{TaskIdentity{"identity-0"}, TaskIdentity{"identity-1"},
                                        TaskIdentity{"identity-2"}};
  auto const known = ledger->find_clips("evolink", asked);
  REQUIRE(known.has_value());
  REQUIRE((*known)[0].has_value());
  CHECK((*known)[0]->outcome == TaskOutcome::made);
  CHECK((*known)[0]->clip == clip);
  REQUIRE((*known)[1].has_value());
  CHECK((*known)[1]->outcome == TaskOutcome::outstanding);
  CHECK_FALSE((*known)[2].has_value());
  auto const elsewhere = ledger->find_clips("local", asked);
  for (auto const& clip_there : *elsewhere) CHECK_FALSE(clip_there.has_value());
}

TEST_CASE("ledger: a file survives being closed, and one process at a time works on a campaign") {
  auto const folder = std::filesystem::temp_directory_path() / ("callsheet-ledger-" + random_hex(6));
  auto const file = folder / "ledger.db";
  CHECK(open_sqlite_ledger(file, Access::read).error().code == Code::not_found);
  {
    auto ledger = open_sqlite_ledger(file, Access::read_write);
    REQUIRE(ledger.has_value());
    REQUIRE((*ledger)->begin_run(run_of(1, Credits::whole(5))).has_value());
    commit_one(**ledger, intent(0, Credits::whole(5)));
    auto const lease = (*ledger)->lease("spring");
    REQUIRE(lease.has_value());
    CHECK((*ledger)->lease("spring").error().code == Code::busy);
    CHECK((*ledger)->lease("summer").has_value());
  }
  auto again = open_sqlite_ledger(file, Access::read);
  REQUIRE(again.has_value());
  CHECK(summary(**again).held == Credits::whole(5));
  CHECK((*again)->lease("spring").has_value());
  std::filesystem::remove_all(folder);
}
