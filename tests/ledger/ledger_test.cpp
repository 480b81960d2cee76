// What every store must do.

#include "orchestrator/core/deadline.hpp"
#include "tests/ledger/store_fixture.hpp"

#include <algorithm>

using namespace callsheet;
using namespace callsheet::test;

TEST_CASE("ledger: a hold that would exceed the run's cap is refused and leaves no trace") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 3, cap_of(Credits::whole(50)));
    CHECK(commit(ledger, intent(key(0), Credits::whole(30))).granted);
    Receipt const refused = commit(ledger, intent(key(1), Credits::from_units(200'001)));
    CHECK_FALSE(refused.granted);
    CHECK(refused.cap == CapKind::run);
    CHECK(refused.why == "20.0001 credits more would exceed the run's cap of 50 (30 are spent or held)");
    CHECK(commit(ledger, intent(key(2), Credits::whole(20))).granted);
    CHECK(balance_of(ledger).held == Credits::whole(50));
    auto const tasks = ledger.tasks(run_id, TaskId{0}, 10);
    REQUIRE(tasks.has_value());
    CHECK(tasks->at(0).attempts.size() == 1);
    CHECK(tasks->at(1).attempts.empty());
  });
}

TEST_CASE(
    "ledger: a task's cap counts its attempts together, failed ones included until their money is back") {
  for_each_store([](Ledger& ledger) {
    Budget caps = cap_of(Credits::whole(1000));
    caps.per_task = Credits::whole(25);
    begin(ledger, 2, caps);
    commit(ledger, intent(key(0, 1), Credits::whole(10)));
    commit(ledger, id_of(key(0, 1), "task-unified-1"));
    commit(ledger, FailureBooked{.attempt = key(0, 1), .failure = failure, .then = "", .at = noon});
    CHECK(commit(ledger, intent(key(0, 2), Credits::whole(15))).granted);
    commit(ledger, Released{.attempt = key(0, 2), .failure = failure, .then = "", .at = noon});
    Receipt const refused = commit(ledger, intent(key(0, 3), Credits::whole(16)));
    CHECK_FALSE(refused.granted);
    CHECK(refused.cap == CapKind::task);
    CHECK(commit(ledger, intent(key(1, 1), Credits::whole(25))).granted);
    commit(
        ledger,
        RefundSettled{.attempt = key(0, 1), .fate = RefundFate::came, .how = "the task says so", .at = noon});
    CHECK(commit(ledger, intent(key(0, 3), Credits::whole(25))).granted);
  });
}

TEST_CASE("ledger: a group's cap binds its own tasks only") {
  for_each_store([](Ledger& ledger) {
    Budget caps = cap_of(Credits::whole(1000));
    caps.groups = {{.axis = "locale", .value = "de", .cap = Credits::whole(10)},
                   {.axis = "product", .value = "boot", .cap = Credits::whole(15)}};
    begin(ledger, 4, caps);
    GroupSet const german{.indexes = {0}, .size = 1};
    GroupSet const german_boot{.indexes = {0, 1}, .size = 2};
    GroupSet const boot{.indexes = {1}, .size = 1};
    CHECK(commit(ledger, intent(key(0), Credits::whole(8), noon, german_boot)).granted);
    Receipt const refused = commit(ledger, intent(key(1), Credits::whole(3), noon, german));
    CHECK_FALSE(refused.granted);
    CHECK(refused.cap == CapKind::group);
    CHECK(refused.why.find("the cap for locale de of 10 (8 are") != std::string::npos);
    CHECK_FALSE(commit(ledger, intent(key(1), Credits::whole(8), noon, boot)).granted);
    CHECK(commit(ledger, intent(key(1), Credits::whole(7), noon, boot)).granted);
    CHECK(commit(ledger, intent(key(2), Credits::whole(100))).granted);
    commit(ledger, Released{.attempt = key(0), .failure = failure, .then = "", .at = noon});
    CHECK(commit(ledger, intent(key(3), Credits::whole(10), noon, german)).granted);
  });
}

TEST_CASE("ledger: the day's cap counts all runs of the gateway, by the day of the hold") {
  for_each_store([](Ledger& ledger) {
    Budget caps = cap_of(Credits::whole(1000));
    caps.daily = Credits::whole(40);
    RunId const second{"second"};
    RunId const elsewhere{"elsewhere"};
    begin(ledger, 1, caps);
    begin(ledger, 3, caps, second);
    begin(ledger, 1, caps, elsewhere, "another gateway");
    CHECK(commit(ledger, intent(key(0), Credits::whole(30))).granted);
    Receipt const refused = commit(ledger, intent(key(0), Credits::whole(20)), second);
    CHECK_FALSE(refused.granted);
    CHECK(refused.cap == CapKind::day);
    CHECK(commit(ledger, intent(key(0), Credits::whole(40)), elsewhere).granted);
    CHECK(commit(ledger, intent(key(0), Credits::whole(20), noon + 24h), second).granted);
    // Released the day after: the room comes back where it was taken.
    commit(ledger, Released{.attempt = key(0), .failure = failure, .then = "", .at = noon + 24h});
    CHECK(commit(ledger, intent(key(1), Credits::whole(40)), second).granted);
    CHECK_FALSE(commit(ledger, intent(key(2), Credits::whole(21), noon + 24h), second).granted);
  });
}

namespace {

/// A run that asks for these.
void begin_asking(Ledger& ledger, RunId const& id, std::vector<TaskIdentity> const& asked, TimePoint started,
                  std::string const& gateway = "evolink") {
  NewRun const run{.id = id, .campaign = id.str(), .gateway = gateway, .nonce = "n", .started = started};
  REQUIRE(ledger.begin_run(run).has_value());
  REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
  std::vector<NewTask> rows;
  for (TaskIdentity const& identity : asked)
    rows.push_back({.identity = identity, .name = identity.str(), .spec = "{}"});
  REQUIRE(ledger.add_tasks(id, rows).has_value());
  REQUIRE(ledger.start_run(id, "{}", cap_of(Credits::whole(1000))).has_value());
}

void make(Ledger& ledger, AttemptKey attempt, RunId const& run) {
  commit(ledger, id_of(attempt, "task-unified-" + run.str() + to_string(attempt)), run);
  commit(ledger, Settled{.attempt = attempt, .billed = Credits::whole(1), .at = noon}, run);
  commit(ledger, TaskEnded{attempt.task, TaskOutcome::made, "", noon}, run);
}

}  // namespace

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

TEST_CASE("ledger: a made clip is known by its identity at its own gateway, and so is money that is out") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 3, cap_of(Credits::whole(100)));
    commit(ledger, intent(key(0), Credits::whole(1)));
    commit(ledger, id_of(key(0), "task-unified-1"));
    commit(ledger, Settled{.attempt = key(0), .billed = Credits::whole(1), .at = noon});
    ClipRecord const clip{.path = "/out/a.mp4",
                          .size_bytes = 9,
                          .width = 2,
                          .height = 2,
                          .length = 3s,
                          .has_sound = true,
                          .sha256 = ContentDigest{"5e1f"}};
    commit(ledger, ClipStored{TaskId{0}, clip});
    commit(ledger, TaskEnded{TaskId{0}, TaskOutcome::made, "", noon});
    commit(ledger, intent(key(1), Credits::whole(1)));

    std::vector<TaskIdentity> const asked{TaskIdentity{"identity-0"}, TaskIdentity{"identity-1"},
                                          TaskIdentity{"identity-2"}};
    auto const known = ledger.find_clips("evolink", asked, Clips::made_or_paid);
    REQUIRE(known.has_value());
    REQUIRE((*known)[0].has_value());
    CHECK((*known)[0]->outcome == TaskOutcome::made);
    CHECK((*known)[0]->clip == clip);
    CHECK((*known)[0]->origin.run == run_id);
    REQUIRE((*known)[1].has_value());
    CHECK((*known)[1]->outcome == TaskOutcome::outstanding);
    CHECK_FALSE((*known)[2].has_value());
    auto const paid = ledger.find_clips("evolink", asked, Clips::paid);
    CHECK_FALSE((*paid)[0].has_value());
    CHECK((*paid)[1].has_value());
    // A newer run that makes the first anew has money out for it.
    NewRun again{
        .id = RunId{"again"}, .campaign = "spring", .gateway = "evolink", .nonce = "n", .started = noon};
    REQUIRE(ledger.begin_run(again).has_value());
    REQUIRE(ledger.add_routes(again.id, {"{}"}).has_value());
    REQUIRE(ledger.add_tasks(again.id, {{.identity = asked[0], .name = "t", .spec = "{}"}}).has_value());
    REQUIRE(ledger.start_run(again.id, "{}", cap_of(Credits::whole(100))).has_value());
    commit(ledger, intent(key(0), Credits::whole(1)), again.id);
    CHECK((*ledger.find_clips("evolink", asked, Clips::made_or_paid))[0]->outcome == TaskOutcome::made);
    auto const as_made = ledger.find_task(run_id, asked[0]);
    REQUIRE(as_made->has_value());
    CHECK((*as_made)->clip == clip);
    CHECK((*as_made)->attempts.size() == 1);
    CHECK_FALSE((*ledger.find_task(again.id, asked[0]))->clip.has_value());
    CHECK_FALSE(ledger.find_task(again.id, asked[1])->has_value());
    CHECK(ledger.find_task(RunId{"never"}, asked[0]).error().code == Code::not_found);
    auto const newer = ledger.find_clips("evolink", asked, Clips::paid);
    REQUIRE((*newer)[0].has_value());
    CHECK((*newer)[0]->outcome == TaskOutcome::outstanding);
    CHECK((*newer)[0]->origin.run == again.id);
    auto const elsewhere = ledger.find_clips("local", asked, Clips::made_or_paid);
    for (auto const& clip_there : *elsewhere) CHECK_FALSE(clip_there.has_value());
  });
}

TEST_CASE(
    "ledger: a clip that came other than ordered is paid for as one that is made, which goes before it") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 2, cap_of(Credits::whole(100)));
    commit(ledger, intent(key(0), Credits::whole(1)));
    commit(ledger, id_of(key(0), "task-unified-1"));
    commit(ledger, Settled{.attempt = key(0), .billed = Credits::whole(1), .at = noon});
    ClipRecord const clip{.path = "/out/black.mp4", .size_bytes = 9, .width = 2, .height = 2, .length = 3s};
    commit(ledger, ClipStored{TaskId{0}, clip});
    commit(ledger, TaskEnded{TaskId{0}, TaskOutcome::mismatched, "it is black throughout", noon});
    auto const summary = ledger.summary(run_id);
    REQUIRE(summary.has_value());
    CHECK(summary->mismatched == 1);
    CHECK(summary->outstanding == 1);
    CHECK(summary->made == 0);
    CHECK(ledger.ended_tasks(run_id)->mismatched == 1);
    CHECK(ledger.tasks(run_id, TaskId{0}, 1)->front().why == "it is black throughout");

    std::vector<TaskIdentity> const asked{TaskIdentity{"identity-0"}};
    auto const known = ledger.find_clips("evolink", asked, Clips::made_or_paid);
    REQUIRE((*known)[0].has_value());
    CHECK((*known)[0]->outcome == TaskOutcome::mismatched);
    CHECK((*known)[0]->clip == clip);
    CHECK_FALSE((*ledger.find_clips("evolink", asked, Clips::paid))[0].has_value());
    // One that was made anew later is the better one, and also where both are older than a reused one.
    NewRun again{
        .id = RunId{"again"}, .campaign = "spring", .gateway = "evolink", .nonce = "n", .started = noon + 1h};
    REQUIRE(ledger.begin_run(again).has_value());
    REQUIRE(ledger.add_routes(again.id, {"{}"}).has_value());
    REQUIRE(ledger.add_tasks(again.id, {{.identity = asked[0], .name = "t", .spec = "{}"}}).has_value());
    REQUIRE(ledger.start_run(again.id, "{}", cap_of(Credits::whole(100))).has_value());
    commit(ledger, TaskEnded{TaskId{0}, TaskOutcome::made, "", noon + 1h}, again.id);
    CHECK((*ledger.find_clips("evolink", asked, Clips::made_or_paid))[0]->outcome == TaskOutcome::made);
  });
}

TEST_CASE("ledger: a retake stands for the take it was made in place of, under whatever identity") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 1, cap_of(Credits::whole(100)));
    TaskIdentity const take{"identity-0"};
    TaskIdentity const brighter{"of a brighter prompt"};
    auto const make = [&](RunId const& id, std::string const& digest, TaskOutcome outcome) {
      commit(ledger, intent(key(0), Credits::whole(1)), id);
      commit(ledger, id_of(key(0), "task-unified-" + digest), id);
      commit(ledger, Settled{.attempt = key(0), .billed = Credits::whole(1), .at = noon}, id);
      commit(ledger,
             ClipStored{
                 TaskId{0},
                 {.path = "/out/" + digest, .size_bytes = 9, .length = 3s, .sha256 = ContentDigest{digest}}},
             id);
      commit(ledger, TaskEnded{TaskId{0}, outcome, "", noon}, id);
    };
    auto const retake = [&](RunId const& id, TaskIdentity const& identity, TaskIdentity const& stands_for) {
      REQUIRE(ledger
                  .begin_run({.id = id,
                              .campaign = "spring",
                              .gateway = "evolink",
                              .nonce = "n",
                              .started = noon + 1h * (id.str().back() - '0')})
                  .has_value());
      REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
      REQUIRE(
          ledger.add_tasks(id, {{.identity = identity, .name = "t", .spec = "{}", .stands_for = stands_for}})
              .has_value());
    };
    auto const found = [&](TaskIdentity const& identity, Clips clips) {
      return ledger.find_clips("evolink", {identity}, clips)->front();
    };
    CHECK_FALSE(found(take, Clips::latest).has_value());
    make(run_id, "first", TaskOutcome::made);
    CHECK(found(take, Clips::latest)->clip->sha256.str() == "first");

    RunId const second{"retake 1"};
    retake(second, brighter, take);
    CHECK(found(take, Clips::latest)->clip->sha256.str() == "first");  // it has not started
    REQUIRE(ledger.start_run(second, "{}", cap_of(Credits::whole(100))).has_value());
    commit(ledger, intent(key(0), Credits::whole(1)), second);
    for (TaskIdentity const& identity : {take, brighter}) {
      REQUIRE(found(identity, Clips::paid).has_value());
      CHECK(found(identity, Clips::paid)->origin.run == second);
    }
    CHECK(found(take, Clips::made_or_paid)->clip->sha256.str() == "first");
    commit(ledger, id_of(key(0), "task-unified-2"), second);
    commit(ledger, Settled{.attempt = key(0), .billed = Credits::whole(1), .at = noon}, second);
    commit(ledger,
           ClipStored{TaskId{0},
                      {.path = "/out/2", .size_bytes = 9, .length = 3s, .sha256 = ContentDigest{"second"}}},
           second);
    commit(ledger, TaskEnded{TaskId{0}, TaskOutcome::made, "", noon}, second);
    CHECK_FALSE(found(take, Clips::paid).has_value());
    for (Clips const clips : {Clips::made_or_paid, Clips::latest}) {
      CHECK(found(take, clips)->clip->sha256.str() == "second");
      CHECK(found(take, clips)->identity == brighter);
      CHECK(found(brighter, clips)->origin.run == second);
    }
    CHECK((*ledger.find_task(second, take))->identity == brighter);
    CHECK_FALSE(ledger.find_task(run_id, brighter)->has_value());

    // One that came other than ordered is the latest all the same: to buy it again has to be asked for.
    RunId const third{"retake 2"};
    retake(third, take, {});
    REQUIRE(ledger.start_run(third, "{}", cap_of(Credits::whole(100))).has_value());
    make(third, "third", TaskOutcome::mismatched);
    CHECK(found(take, Clips::latest)->clip->sha256.str() == "third");
    CHECK(found(take, Clips::made_or_paid)->clip->sha256.str() == "second");
    // What was never carried out leaves nothing.
    retake(RunId{"retake 3"}, TaskIdentity{"other"}, take);
    retake(RunId{"retake 4"}, TaskIdentity{"other"}, take);
    CHECK_FALSE(found(TaskIdentity{"other"}, Clips::made_or_paid).has_value());
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

TEST_CASE("ledger: what the gateway told is remembered by gateway") {
  for_each_store([](Ledger& ledger) {
    CHECK_FALSE(*ledger.idempotency_seen("evolink"));
    REQUIRE(ledger.remember_idempotency("evolink").has_value());
    CHECK(*ledger.idempotency_seen("evolink"));
    CHECK_FALSE(*ledger.idempotency_seen("local"));

    REQUIRE(ledger.remember_balance("evolink", {.at = noon, .account = Credits::whole(7), .key = {}})
                .has_value());
    REQUIRE(ledger
                .remember_balance("evolink",
                                  {.at = noon + 1h, .account = Credits::whole(5), .key = Credits::whole(2)})
                .has_value());
    auto const seen = ledger.balances("evolink");
    REQUIRE(seen->size() == 2);
    CHECK(seen->at(0).account == Credits::whole(7));
    CHECK(seen->at(1).key == Credits::whole(2));
    CHECK(ledger.balances("local")->empty());

    DurationHistory const history{.model = ModelId{"m"},
                                  .quality = Quality::p1080,
                                  .duration = 5s,
                                  .sound = Sound::on,
                                  .steps = "[1,2]"};
    REQUIRE(ledger.remember_durations("evolink", {history}).has_value());
    REQUIRE(ledger.remember_durations("evolink", {history}).has_value());
    REQUIRE(ledger.durations("evolink")->size() == 1);
    CHECK(ledger.durations("evolink")->at(0).steps == "[1,2]");

    ContentDigest const content{"abc"};
    CHECK_FALSE(ledger.find_upload("evolink", content)->has_value());
    REQUIRE(ledger.remember_upload("evolink", content, {.url = "https://x/1", .expires = noon}).has_value());
    CHECK((*ledger.find_upload("evolink", content))->url == "https://x/1");
  });
}

TEST_CASE("ledger: creates of a gateway are counted across runs, each at the latest it can have left") {
  for_each_store([](Ledger& ledger) {
    RunId const second{"second"};
    begin(ledger, 3, cap_of(Credits::whole(100)));
    begin(ledger, 1, cap_of(Credits::whole(100)), second);
    commit(ledger, intent(key(0), Credits::whole(1), noon - 1h));
    IdReceived accepted = id_of(key(0), "task-unified-1");
    accepted.at = noon - 50min;
    commit(ledger, accepted);
    commit(ledger, intent(key(1), Credits::whole(1), noon - 2h));  // no answer: up to now
    commit(ledger, intent(key(0), Credits::whole(1), noon - 10min), second);
    commit(ledger, Released{.attempt = key(0), .failure = failure, .then = "", .at = noon - 9min}, second);
    auto const creates = ledger.creates_since("evolink", noon - 30min, noon);
    REQUIRE(creates.has_value());
    REQUIRE(creates->size() == 2);
    CHECK(creates->at(0).second == noon - 9min);
    CHECK(creates->at(1).second == noon);
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

TEST_CASE("ledger: how attempts came out is told by model, since a time, for one gateway") {
  for_each_store([](Ledger& ledger) {
    begin(ledger, 5, cap_of(Credits::whole(100)));
    auto const accepted = [&](std::uint32_t task) {
      commit(ledger, intent(key(task), Credits::whole(1)));
      commit(ledger, id_of(key(task), "id-" + std::to_string(task)));
    };
    accepted(0);
    commit(ledger,
           Settled{.attempt = key(0), .billed = Credits::whole(1), .by = BilledBy::request, .at = noon});
    accepted(1);
    commit(ledger, FailureBooked{.attempt = key(1), .failure = failure, .then = "", .at = noon});
    accepted(2);
    commit(ledger,
           FailureBooked{
               .attempt = key(2), .failure = failure, .charged = Credits::whole(1), .then = "", .at = noon});
    accepted(3);  // under way
    commit(ledger, intent(key(4), Credits::whole(1), noon - 2h));
    commit(ledger, Released{.attempt = key(4), .failure = failure, .then = "", .at = noon - 1h});
    ModelId const model{"m"};
    std::vector<AttemptTally> const lately{{model, AttemptState::failed, failure.kind, 2, 1},
                                           {model, AttemptState::finished, std::nullopt, 1, 1}};
    CHECK(*ledger.attempt_tallies("evolink", noon - 1h) == lately);
    CHECK(ledger.attempt_tallies("evolink", noon - 3h)->size() == 3);
    CHECK(ledger.attempt_tallies("local", noon - 3h)->empty());
  });
}

TEST_CASE("ledger: an element's id is kept, found by what it is made from, and counted apart from clips") {
  for_each_store([](Ledger& ledger) {
    RunId const later{"20261124-120000-0002"};
    TaskIdentity const hero{"identity of the hero"};
    auto const begin_with = [&](RunId const& id, std::string const& element, TaskOutcome outcome) {
      REQUIRE(ledger
                  .begin_run({.id = id,
                              .campaign = id.str(),
                              .gateway = "evolink",
                              .nonce = "nonce",
                              .started = id == later ? noon + 24h : noon})
                  .has_value());
      REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
      NewTask const clip{.identity = TaskIdentity{"a clip of " + id.str()}, .name = "clip", .spec = "{}"};
      NewTask const made{.identity = hero,
                         .name = "element hero",
                         .priority = 1'000'001,
                         .spec = "{}",
                         .outcome = outcome,
                         .element = element};
      REQUIRE(ledger.add_tasks(id, {clip, made}).has_value());
      REQUIRE(ledger.start_run(id, "{}", cap_of(Credits::whole(50))).has_value());
    };
    begin_with(run_id, "", TaskOutcome::outstanding);
    auto const found = [&](Clips clips) { return ledger.find_clips("evolink", {hero}, clips)->front(); };
    CHECK_FALSE(found(Clips::made_or_paid).has_value());
    auto waiting = ledger.elements(run_id);
    REQUIRE(waiting->size() == 1);
    CHECK(waiting->front().task == TaskId{1});
    CHECK(waiting->front().identity == hero);
    CHECK(waiting->front().id.empty());
    CHECK_FALSE(waiting->front().ended);
    CHECK_FALSE(ledger.tasks(run_id, TaskId{0}, 1)->front().element.has_value());

    commit(ledger, intent(key(1), Credits::whole(1)));
    commit(ledger, Doubted{.attempt = key(1), .failure = failure, .at = noon});
    commit(ledger, TaskEnded{.task = TaskId{1}, .outcome = TaskOutcome::in_doubt, .why = "", .at = noon});
    CHECK_FALSE(ledger.elements(run_id)->front().ended);  // the doubt is looked into again
    commit(ledger, id_of(key(1), "task-unified-1", IdSource::found));
    commit(ledger, Settled{.attempt = key(1), .billed = Credits::from_units(10), .at = noon});
    commit(ledger, ElementMade{.task = TaskId{1}, .id = "el_1"});
    commit(ledger, TaskEnded{.task = TaskId{1}, .outcome = TaskOutcome::made, .why = "", .at = noon});
    CHECK(ledger.elements(run_id)->front().id == "el_1");
    CHECK(ledger.elements(run_id)->front().ended);
    CHECK(ledger.tasks(run_id, TaskId{1}, 1)->front().element == "el_1");
    // At the gateway it is, whether clips that are made are wanted or not.
    for (Clips const clips : {Clips::made_or_paid, Clips::paid}) {
      REQUIRE(found(clips).has_value());
      CHECK(found(clips)->element == "el_1");
      CHECK(found(clips)->outcome == TaskOutcome::made);
      CHECK(found(clips)->origin.run == run_id);
    }
    CHECK_FALSE(ledger.find_clips("elsewhere", {hero}, Clips::made_or_paid)->front().has_value());

    auto const summary = ledger.summary(run_id);
    CHECK(summary->tasks == 2);
    CHECK(summary->made == 1);
    CHECK(summary->elements.all == 1);
    CHECK(summary->elements.made == 1);
    CHECK(summary->clips().all == 1);
    CHECK(summary->clips().made == 0);
    CHECK(summary->clips().outstanding == 1);
    auto const ended = ledger.ended_tasks(run_id);
    CHECK(ended->made == 0);
    CHECK(ended->attempts == 0);
    REQUIRE(ended->money.size() == 1);
    CHECK(ended->money.front().balance.billed == Credits::from_units(10));

    begin_with(later, "el_1", TaskOutcome::reused);
    CHECK(found(Clips::paid)->element == "el_1");
    CHECK(ledger.elements(later)->front().ended);
    CHECK(ledger.summary(later)->elements.reused == 1);
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
