// A run, from its plan to its end, and what is left of it to do. What every store must do.

#include "orchestrator/core/deadline.hpp"
#include "tests/ledger/store_fixture.hpp"

using namespace callsheet;
using namespace callsheet::test;

TEST_CASE("ledger: a run that was planned and never started does not exist, and makes way for the next") {
  for_each_store([](Ledger& ledger) {
    NewRun const planned{
        .id = RunId{"planned"}, .campaign = "spring", .gateway = "evolink", .nonce = "n", .started = noon};
    REQUIRE(ledger.begin_run(planned).has_value());
    REQUIRE(ledger.add_routes(planned.id, {"{}"}).has_value());
    REQUIRE(ledger.add_tasks(planned.id, {{.identity = TaskIdentity{"i"}, .name = "t", .spec = "{}"}})
                .has_value());
    CHECK(ledger.runs(10)->empty());
    CHECK_FALSE(ledger.find_clips("evolink", {TaskIdentity{"i"}}, Clips::made_or_paid)->at(0).has_value());
    NewRun next = planned;
    next.id = RunId{"next"};
    REQUIRE(ledger.begin_run(next).has_value());
    CHECK(ledger.summary(planned.id).error().code == Code::not_found);
  });
}

TEST_CASE("ledger: what later runs of the campaign were begun with, the newest first") {
  for_each_store([](Ledger& ledger) {
    auto const begin = [&](char const* name, char const* campaign, char const* gateway, bool starts = true) {
      RunId const id{name};
      REQUIRE(
          ledger
              .begin_run({.id = id, .campaign = campaign, .gateway = gateway, .nonce = "n", .started = noon})
              .has_value());
      if (starts)
        REQUIRE(ledger.start_run(id, std::string{"of "} + name, cap_of(Credits::whole(1))).has_value());
    };
    begin("before", "spring", "evolink");
    begin("this", "spring", "evolink");
    begin("of another campaign", "autumn", "evolink");
    begin("elsewhere", "spring", "local");
    begin("next", "spring", "evolink");
    begin("newest", "spring", "evolink");
    begin("only planned", "spring", "evolink", false);
    CHECK(*ledger.later_settings(RunId{"this"}) == std::vector<std::string>{"of newest", "of next"});
    CHECK(ledger.later_settings(RunId{"newest"})->empty());
    CHECK(ledger.later_settings(RunId{"nobody"}).error().code == Code::not_found);
  });
}

TEST_CASE(
    "ledger: pending work comes with money out first, then by priority, then in order, a few at a time") {
  for_each_store([](Ledger& ledger) {
    RunId const id{"ordered"};
    REQUIRE(ledger.begin_run({.id = id, .campaign = "c", .gateway = "g", .nonce = "n", .started = noon})
                .has_value());
    REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
    std::vector<NewTask> rows;
    std::vector<int> const priorities{0, 5, -3, 0, 5, 0, -3, 9, 0, 0};
    for (int const priority : priorities)
      rows.push_back({.identity = TaskIdentity{"i"}, .name = "t", .priority = priority, .spec = "{}"});
    REQUIRE(ledger.add_tasks(id, rows).has_value());
    REQUIRE(ledger.start_run(id, "{}", cap_of(Credits::whole(100))).has_value());
    commit(ledger, intent(key(3), Credits::whole(1)), id);
    commit(ledger, intent(key(8), Credits::whole(1)), id);
    commit(ledger, Released{.attempt = key(8), .failure = failure, .then = "", .at = noon}, id);
    commit(ledger, TaskEnded{.task = TaskId{5}, .outcome = TaskOutcome::skipped, .why = "", .at = noon}, id);

    auto const cursor = ledger.pending(id);
    REQUIRE(cursor.has_value());
    auto const out = (*cursor)->with_money_out();
    REQUIRE(out.has_value());
    std::vector<std::uint32_t> order;
    for (TaskRecord const& task : *out) order.push_back(index(task.id));
    CHECK(order == std::vector<std::uint32_t>{3});
    order.clear();
    for (;;) {
      auto const page = (*cursor)->next(2);
      REQUIRE(page.has_value());
      if (page->empty()) break;
      CHECK(page->size() <= 2);
      for (TaskRecord const& task : *page) {
        order.push_back(index(task.id));
        // Taking one up meanwhile changes nothing about what comes next.
        commit(ledger, intent(key(index(task.id), 2), Credits::whole(1)), id);
      }
    }
    CHECK(order == std::vector<std::uint32_t>{7, 1, 4, 0, 8, 9, 2, 6});
  });
}

TEST_CASE("ledger: the rest of a run ends in one record, tasks with attempts left out") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 5, cap_of(Credits::whole(100)));
    commit(ledger, intent(key(1), Credits::whole(1)));
    commit(ledger, TaskEnded{.task = TaskId{2}, .outcome = TaskOutcome::failed, .why = "no", .at = noon});
    commit(ledger, RestEnded{.outcome = TaskOutcome::skipped, .why = "the cap", .at = noon});
    auto const summary = ledger.summary(run_id);
    CHECK(summary->skipped == 3);
    CHECK(summary->late == 0);
    CHECK(summary->failed == 1);
    CHECK(summary->outstanding == 1);
    CHECK(ledger.tasks(run_id, TaskId{4}, 1)->at(0).why == "the cap");
    auto const ended = ledger.ended_tasks(run_id);
    CHECK(ended->skipped == 3);
    CHECK(ended->failed == 1);
  });
}

TEST_CASE("ledger: what a deadline left out is told from what money kept out") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 3, cap_of(Credits::whole(100)));
    std::string const late = std::string{past_deadline} + ", 2026-11-27T18:00:00Z";
    commit(ledger, TaskEnded{.task = TaskId{0}, .outcome = TaskOutcome::skipped, .why = late, .at = noon});
    commit(ledger, RestEnded{.outcome = TaskOutcome::skipped, .why = "the cap", .at = noon});
    CHECK(ledger.summary(run_id)->skipped == 3);
    CHECK(ledger.summary(run_id)->late == 1);
  });
}

TEST_CASE("ledger: what is under way, and what ended last, in pages of any size") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 7, cap_of(Credits::whole(100)));
    for (std::uint32_t task = 0; task < 6; ++task) {
      commit(ledger, intent(key(task), Credits::whole(1)));
      if (task != 4) commit(ledger, id_of(key(task), "task-unified-" + std::to_string(task)));
    }
    auto const end = [&](std::uint32_t task, TaskOutcome outcome, Duration after) {
      commit(ledger, TaskEnded{.task = TaskId{task}, .outcome = outcome, .why = "", .at = noon + after});
    };
    auto const settle = [&](std::uint32_t task) {
      commit(ledger, Settled{.attempt = key(task), .billed = Credits::whole(1), .at = noon});
    };
    auto const ids = [](std::vector<TaskRecord> const& tasks) {
      std::vector<std::uint32_t> numbers;
      for (TaskRecord const& task : tasks) numbers.push_back(index(task.id));
      return numbers;
    };
    // 0 and 2 are made, 1 failed, 3 is paid for and not home, 4 is in doubt, 5 runs, 6 was never begun.
    for (std::uint32_t const task : {0u, 2u, 3u}) settle(task);
    end(2, TaskOutcome::made, 1min);
    end(0, TaskOutcome::made, 2min);
    commit(ledger, FailureBooked{.attempt = key(1), .failure = failure, .then = "", .at = noon});
    end(1, TaskOutcome::failed, 2min);
    commit(ledger, Doubted{.attempt = key(4), .failure = failure, .at = noon});
    end(6, TaskOutcome::skipped, 3min);
    auto const under_way = ledger.under_way(run_id, 10);
    REQUIRE(under_way.has_value());
    CHECK(ids(under_way->tasks) == std::vector<std::uint32_t>{3, 4, 5});
    CHECK(under_way->all == 3);
    CHECK(under_way->tasks.front().attempts.size() == 1);
    CHECK(ids(ledger.under_way(run_id, 2)->tasks) == std::vector<std::uint32_t>{3, 4});
    CHECK(ledger.under_way(run_id, 2)->all == 3);
    CHECK(ids(*ledger.latest_ends(run_id, 10)) == std::vector<std::uint32_t>{1, 0, 2});
    CHECK(ids(*ledger.latest_ends(run_id, 2)) == std::vector<std::uint32_t>{1, 0});
    CHECK(ledger.latest_ends(run_id, 1)->front().attempts.size() == 1);
    // What was in doubt at its end is no longer looked for.
    end(4, TaskOutcome::in_doubt, 4min);
    CHECK(ids(ledger.under_way(run_id, 10)->tasks) == std::vector<std::uint32_t>{3, 5});
    CHECK(ids(*ledger.latest_ends(run_id, 1)) == std::vector<std::uint32_t>{4});
    CHECK(ledger.under_way(RunId{"another"}, 1).error().code == Code::not_found);
    CHECK(ledger.latest_ends(RunId{"another"}, 1).error().code == Code::not_found);
  });
}
