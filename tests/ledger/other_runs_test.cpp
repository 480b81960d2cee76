// What one run may know of the others before it buys. What every store must do.

#include "tests/ledger/store_fixture.hpp"

using namespace callsheet;
using namespace callsheet::test;

TEST_CASE("ledger: what another run has money out for, or has made since one looked, is not held for") {
  for_each_store([](Ledger& ledger) {
    TaskIdentity const hero{"hero"};
    RunId const first{"first"};
    RunId const second{"second"};
    RunId const elsewhere{"elsewhere"};
    begin_asking(ledger, first, {hero, TaskIdentity{"coat"}}, noon);
    begin_asking(ledger, second, {TaskIdentity{"hat"}, hero}, noon);
    begin_asking(ledger, elsewhere, {hero}, noon, "another gateway");
    auto const try_hold = [&](std::uint32_t ordinal, std::int64_t known_until) {
      Intent hold = intent(key(1, ordinal), Credits::whole(1), noon + 3h);
      hold.known_until = known_until;
      return commit(ledger, std::move(hold), second);
    };
    auto const left = [&](RunId const& run) {
      auto const all = ledger.left_to_others(run);
      std::vector<TaskId> tasks;
      for (LeftTask const& one : *all) {
        tasks.push_back(one.task);
        CHECK(one.has_it.has_value());
      }
      return tasks;
    };
    CHECK(left(second).empty());
    REQUIRE(commit(ledger, intent(key(0), Credits::whole(1), noon + 1h), first).granted);
    REQUIRE(commit(ledger, intent(key(1), Credits::whole(1), noon + 1h), first).granted);
    CHECK(commit(ledger, intent(key(0), Credits::whole(1)), elsewhere).granted);
    CHECK(commit(ledger, intent(key(0), Credits::whole(1)), second).granted);

    // Money out: whenever one looked.
    Receipt const refused = try_hold(1, *ledger.position());
    CHECK_FALSE(refused.granted);
    CHECK_FALSE(refused.cap.has_value());
    CHECK(refused.why == "waiting for run first, which asked for it first");
    CHECK(ledger.tasks(second, TaskId{1}, 1)->front().attempts.empty());
    CHECK(balance_of(ledger, second).held == Credits::whole(1));
    CHECK(left(second) == std::vector{TaskId{1}});
    CHECK(ledger.left_to_others(second)->front().has_it == first);
    CHECK(left(first).empty());

    // In doubt is money out as well.
    commit(ledger, Doubted{.attempt = key(0), .failure = failure, .at = noon}, first);
    CHECK_FALSE(try_hold(1, *ledger.position()).granted);
    CHECK(left(second) == std::vector{TaskId{1}});

    // Given up: nobody has it.
    commit(ledger, Released{.attempt = key(0), .failure = failure, .then = "", .at = noon}, first);
    CHECK(left(second).empty());

    // Made: a matter of whether that was known, whatever the clocks said meanwhile.
    REQUIRE(commit(ledger, intent(key(0, 2), Credits::whole(1), noon - 9h), first).granted);
    std::int64_t const while_it_was_out = *ledger.position();
    make(ledger, key(0, 2), first);
    CHECK_FALSE(try_hold(1, 0).granted);
    CHECK_FALSE(try_hold(1, while_it_was_out).granted);
    CHECK(left(second) == std::vector{TaskId{1}});
    CHECK(try_hold(1, *ledger.position()).granted);  // one that wants it anew all the same
    CHECK(left(second).empty());
    // A run that was planned later knew it.
    RunId const third{"third"};
    begin_asking(ledger, third, {hero}, noon);
    CHECK(left(third) == std::vector{TaskId{0}});                   // the second has money out by now
    CHECK(ledger.left_to_others(third)->front().has_it == second);  // the first made it before that
    make(ledger, key(1), second);
    CHECK(left(third) == std::vector{TaskId{0}});  // and has made it since the third was begun
    RunId const fourth{"fourth"};
    begin_asking(ledger, fourth, {hero}, noon);
    CHECK(left(fourth).empty());
  });
}

TEST_CASE("ledger: of the runs that have a clip, one with money out is named before one that has made it") {
  for_each_store([](Ledger& ledger) {
    TaskIdentity const clip{"clip"};
    RunId const maker{"maker"};
    RunId const buyer{"buyer"};
    RunId const asking{"asking"};
    for (RunId const& id : {maker, buyer, asking}) begin_asking(ledger, id, {clip}, noon);
    REQUIRE(commit(ledger, intent(key(0), Credits::whole(1)), maker).granted);
    make(ledger, key(0), maker);
    CHECK(*ledger.left_to_others(asking) == std::vector{LeftTask{TaskId{0}, maker}});
    REQUIRE(commit(ledger, intent(key(0), Credits::whole(1)), buyer).granted);
    CHECK(*ledger.left_to_others(asking) == std::vector{LeftTask{TaskId{0}, buyer}});
  });
}

TEST_CASE("ledger: what was left in doubt to another run is looked at again, whatever became of it there") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 3, cap_of(Credits::whole(100)));
    commit(ledger, TaskEnded{TaskId{1}, TaskOutcome::in_doubt, "run other has it", noon});
    commit(ledger, intent(key(2), Credits::whole(1)));
    commit(ledger, Doubted{.attempt = key(2), .failure = failure, .at = noon});
    commit(ledger, TaskEnded{TaskId{2}, TaskOutcome::in_doubt, "nobody knows", noon});
    CHECK(*ledger.left_to_others(run_id) ==
          std::vector{LeftTask{TaskId{1}}});  // the other doubt is the run's own
  });
}

TEST_CASE(
    "ledger: what waits for another run is counted apart, with the run's name, until it ends otherwise") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 4, cap_of(Credits::whole(100)));
    Origin const first{.run = RunId{"first"}, .model = ModelId{"m"}, .quality = Quality::p1080};
    auto const end = [&](std::uint32_t task, TaskOutcome outcome, std::optional<Origin> of = {}) {
      TaskEnded ended{.task = TaskId{task}, .outcome = outcome, .why = "why", .at = noon, .made_by = of};
      commit(ledger, std::move(ended));
    };
    end(0, TaskOutcome::waiting, Origin{.run = RunId{"second"}, .model = {}});
    end(1, TaskOutcome::waiting, first);
    end(2, TaskOutcome::waiting, first);
    RunSummary summary = *ledger.summary(run_id);
    CHECK(summary.waiting == 3);
    CHECK(summary.clips().waiting == 3);
    CHECK(summary.in_doubt == 0);
    CHECK(summary.outstanding == 1);
    CHECK(summary.waiting_for == std::vector{RunId{"first"}, RunId{"second"}});
    CHECK(*ledger.left_to_others(run_id) ==
          std::vector{LeftTask{TaskId{0}}, LeftTask{TaskId{1}}, LeftTask{TaskId{2}}});
    CHECK((*ledger.pending(run_id))->next(10)->size() == 1);  // nobody makes what is waited for

    // Given up there, it is to be made here; brought home there, it is known who bought it.
    end(0, TaskOutcome::outstanding);
    end(1, TaskOutcome::reused, first);
    summary = *ledger.summary(run_id);
    CHECK(summary.waiting == 1);
    CHECK(summary.outstanding == 2);
    CHECK(summary.waiting_for == std::vector{RunId{"first"}});
    auto const tasks = *ledger.tasks(run_id, TaskId{0}, 2);
    CHECK_FALSE(tasks[0].made_by.has_value());
    REQUIRE(tasks[1].made_by.has_value());
    CHECK(tasks[1].made_by->run == first.run);
    CHECK(tasks[1].made_by->model == first.model);
    CHECK(tasks[1].made_by->quality == first.quality);
    CHECK((*ledger.pending(run_id))->next(10)->size() == 2);
  });
}

TEST_CASE("ledger: what a later run makes anew is told of each older one that has not bought it") {
  for_each_store([](Ledger& ledger) {
    Budget const cap = cap_of(Credits::whole(100));
    TaskIdentity const place{"place"};
    struct Made {
      TaskIdentity identity, stands_for;
    };
    auto const plan = [&](std::string const& id, std::vector<Made> const& tasks, std::string const& campaign,
                          std::string const& gateway = "evolink") {
      REQUIRE(
          ledger
              .begin_run(
                  {.id = RunId{id}, .campaign = campaign, .gateway = gateway, .nonce = "n", .started = noon})
              .has_value());
      REQUIRE(ledger.add_routes(RunId{id}, {"{}"}).has_value());
      std::vector<NewTask> added;
      for (Made const& task : tasks)
        added.push_back(
            {.identity = task.identity, .name = "t", .spec = "{}", .stands_for = task.stands_for});
      REQUIRE(ledger.add_tasks(RunId{id}, added).has_value());
    };
    auto const start = [&](std::string const& id) {
      REQUIRE(ledger.start_run(RunId{id}, "{}", cap).has_value());
    };
    auto const superseded = [&](std::string const& id) { return *ledger.superseded(RunId{id}); };
    auto const by = [](std::string const& id) {
      return std::vector{Superseded{.task = TaskId{0}, .by = RunId{id}}};
    };
    // Nothing of the kind was ever made.
    plan("plain", {{place, {}}, {TaskIdentity{"another"}, {}}}, "spring");
    start("plain");
    CHECK(superseded("plain").empty());
    plan("first", {{TaskIdentity{"a"}, place}, {TaskIdentity{"b"}, TaskIdentity{"elsewhere"}}}, "spring");
    start("first");
    CHECK(superseded("plain") == by("first"));  // not bought there yet
    CHECK(superseded("first").empty());
    // Planned is not started; other campaigns and gateways have reviews of their own.
    plan("second", {{place, place}}, "spring");
    CHECK(superseded("first").empty());
    start("second");
    plan("of autumn", {{TaskIdentity{"c"}, place}}, "autumn");
    start("of autumn");
    plan("at home", {{TaskIdentity{"c"}, place}}, "spring", "local");
    start("at home");
    CHECK(superseded("first") == by("second"));
    CHECK(superseded("second").empty());
    // Money out is brought home; what was refused or given up may come again.
    commit(ledger, intent(key(0), Credits::whole(1)), RunId{"first"});
    CHECK(superseded("first").empty());
    commit(ledger, Released{key(0), Failure{.kind = FailureKind::not_sent}, "", noon}, RunId{"first"});
    CHECK(superseded("first") == by("second"));
    commit(ledger, TaskEnded{TaskId{0}, TaskOutcome::skipped, std::string{withdrawn} + "by that", noon},
           RunId{"first"});
    CHECK(superseded("first").empty());
    CHECK(ledger.summary(RunId{"first"})->skipped == 1);
    CHECK(ledger.summary(RunId{"first"})->withdrawn == 1);
    CHECK(ledger.summary(RunId{"first"})->late == 0);
    // Whoever has bought the manifest's own clip since has it in a retake's place, and beside any other task.
    plan("fresh", {{TaskIdentity{"elsewhere"}, {}}, {TaskIdentity{"another"}, {}}}, "autumn");
    start("fresh");
    CHECK(superseded("first").empty());
    for (unsigned const task : {0u, 1u}) commit(ledger, intent(key(task), Credits::whole(1)), RunId{"fresh"});
    CHECK(superseded("first") == std::vector{Superseded{.task = TaskId{1}, .by = RunId{"fresh"}}});
    CHECK(superseded("plain") == by("second"));
    // Nobody makes what was given up there.
    commit(ledger, TaskEnded{TaskId{0}, TaskOutcome::skipped, "the cap", noon}, RunId{"second"});
    CHECK(superseded("plain").empty());
  });
}
