// What became of attempts, and of the money for them. What every store must do.

#include "tests/ledger/store_fixture.hpp"

using namespace callsheet;
using namespace callsheet::test;

TEST_CASE("ledger: balances are the sums of the entries, whatever happens to an attempt") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 9, cap_of(Credits::whole(1000)));
    for (std::uint32_t task = 0; task < 9; ++task) commit(ledger, intent(key(task), Credits::whole(10)));
    for (std::uint32_t task = 0; task < 7; ++task)
      commit(ledger, id_of(key(task), "task-unified-" + std::to_string(task)));
    commit(ledger, Settled{.attempt = key(0), .billed = Credits::whole(10), .at = noon});
    commit(ledger, Settled{.attempt = key(1), .billed = Credits::whole(7), .by = BilledBy::told, .at = noon});
    commit(ledger, Settled{.attempt = key(2), .billed = Credits::whole(12), .at = noon});
    commit(ledger, FailureBooked{.attempt = key(3), .failure = failure, .then = "", .at = noon});
    commit(ledger,
           FailureBooked{.attempt = key(4), .failure = failure, .refund_seen = true, .then = "", .at = noon});
    commit(ledger, FailureBooked{.attempt = key(5), .failure = failure, .then = "", .at = noon});
    commit(ledger,
           RefundSettled{.attempt = key(5), .fate = RefundFate::denied, .how = "so they say", .at = noon});
    commit(ledger, HoldRaised{.attempt = key(6), .to = Credits::whole(14), .at = noon});
    commit(ledger, Released{.attempt = key(7), .failure = failure, .then = "", .at = noon});
    commit(ledger, Doubted{.attempt = key(8), .failure = failure, .at = noon});

    Balance const run = balance_of(ledger);
    CHECK(run.billed == Credits::whole(10 + 7 + 12 + 10));
    CHECK(run.refund_expected == Credits::whole(10));
    CHECK(run.held == Credits::whole(14 + 10));
    auto const entries = ledger.entries(run_id, std::nullopt);
    REQUIRE(entries.has_value());
    CHECK(sum(*entries) == run);
    Balance of_attempts;
    auto const tasks = ledger.tasks(run_id, TaskId{0}, 100);
    REQUIRE(tasks.has_value());
    CHECK(tasks->at(1).attempts.at(0).billed_by == BilledBy::told);
    CHECK(tasks->at(5).attempts.at(0).billed_by == BilledBy::hand);
    for (TaskRecord const& task : *tasks) {
      auto const own = ledger.entries(run_id, task.id);
      REQUIRE(own.has_value());
      CHECK(sum(*own) == task.attempts.at(0).balance);
      of_attempts += task.attempts.at(0).balance;
    }
    CHECK(of_attempts == run);
    CHECK(tasks->at(1).attempts.at(0).billed_by == BilledBy::told);
    CHECK(tasks->at(5).attempts.at(0).then == "so they say");
  });
}

TEST_CASE("ledger: doubt that is over makes its task outstanding again; written off, the money is spent") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 2, cap_of(Credits::whole(100)));
    for (std::uint32_t task = 0; task < 2; ++task) {
      commit(ledger, intent(key(task), Credits::whole(10)));
      commit(ledger, Doubted{.attempt = key(task), .failure = failure, .at = noon});
      commit(ledger,
             TaskEnded{.task = TaskId{task}, .outcome = TaskOutcome::in_doubt, .why = "?", .at = noon});
    }
    CHECK(ledger.summary(run_id)->in_doubt == 2);
    commit(ledger, id_of(key(0), "task-unified-7", IdSource::found));
    commit(ledger, WrittenOff{.attempt = key(1), .how = "support says it was billed", .at = noon});
    CHECK(ledger.summary(run_id)->outstanding == 2);
    CHECK(balance_of(ledger) ==
          Balance{.held = Credits::whole(10), .billed = Credits::whole(10), .refund_expected = {}});
  });
}

TEST_CASE("ledger: a task id that was found belongs to one attempt of a gateway only") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 2, cap_of(Credits::whole(100)));
    commit(ledger, intent(key(0), Credits::whole(10)));
    commit(ledger, intent(key(1), Credits::whole(10)));
    commit(ledger, id_of(key(0), "task-unified-1"));
    commit(ledger, Doubted{.attempt = key(1), .failure = failure, .at = noon});
    Receipt const refused = commit(ledger, id_of(key(1), "task-unified-1", IdSource::found));
    CHECK_FALSE(refused.granted);
    CHECK(commit(ledger, id_of(key(1), "task-unified-2", IdSource::found)).granted);
    auto const known = ledger.known_ids(
        "evolink", {GatewayTaskId{"task-unified-2"}, GatewayTaskId{"task-unified-3"}}, noon - 1h);
    REQUIRE(known.has_value());
    CHECK(*known == std::vector<bool>{true, false});
  });
}

TEST_CASE("ledger: a failed task that was charged all the same is billed, by what the gateway said") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 2, cap_of(Credits::whole(100)));
    for (auto const& [task, charged] : {std::pair{0U, 7}, {1U, 12}}) {
      commit(ledger, intent(key(task), Credits::whole(10)));
      commit(ledger, id_of(key(task), "id-" + std::to_string(task)));
      commit(ledger, FailureBooked{.attempt = key(task),
                                   .failure = failure,
                                   .charged = Credits::whole(charged),
                                   .then = "",
                                   .at = noon});
    }
    CHECK(balance_of(ledger) == Balance{.held = {}, .billed = Credits::whole(19), .refund_expected = {}});
    auto const tasks = ledger.tasks(run_id, TaskId{0}, 2);
    REQUIRE(tasks.has_value());
    for (TaskRecord const& task : *tasks) {
      CHECK(task.attempts.front().state == AttemptState::failed);
      CHECK(task.attempts.front().billed_by == BilledBy::told);
      CHECK(task.attempts.front().balance.held == Credits{});
    }
    CHECK((*tasks)[1].attempts.front().balance.billed == Credits::whole(12));
  });
}

TEST_CASE("ledger: what a task cost before another run's doubt ended it stays counted") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 2, cap_of(Credits::whole(1000)));
    commit(ledger, intent(key(0), Credits::whole(10)));
    commit(ledger, id_of(key(0), "task-unified-1"));
    commit(ledger, FailureBooked{
                       .attempt = key(0), .failure = failure, .refund_seen = false, .then = "", .at = noon});
    TaskEnded const doubt{.task = TaskId{0}, .outcome = TaskOutcome::in_doubt, .why = "of run X", .at = noon};
    commit(ledger, doubt);
    auto const ended = ledger.ended_tasks(run_id);
    REQUIRE(ended->money.size() == 1);
    CHECK(ended->money[0].balance.refund_expected == Credits::whole(10));
    CHECK(ended->in_doubt == 1);
    // But the doubt of an open attempt is looked into again.
    commit(ledger, intent(key(0, 2), Credits::whole(10)));
    commit(ledger, doubt);
    CHECK(ledger.ended_tasks(run_id)->money.empty());
    CHECK(ledger.ended_tasks(run_id)->in_doubt == 0);
  });
}

TEST_CASE("ledger: a model that cost more than was expected is known to the run that goes on") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 2, cap_of(Credits::whole(1000)));
    commit(ledger, intent(key(0), Credits::whole(10)));
    commit(ledger, id_of(key(0), "task-unified-1"));
    CHECK(ledger.ended_tasks(run_id)->dearer.empty());
    commit(ledger, HoldRaised{.attempt = key(0), .to = Credits::whole(11), .at = noon});
    auto const model = ledger.tasks(run_id, TaskId{0}, 1)->at(0).attempts.at(0).model;
    CHECK(ledger.ended_tasks(run_id)->dearer == std::vector{model});
    commit(ledger,
           FailureBooked{.attempt = key(0), .failure = failure, .refund_seen = true, .then = "", .at = noon});
    CHECK(ledger.ended_tasks(run_id)->dearer.empty());
  });
}
