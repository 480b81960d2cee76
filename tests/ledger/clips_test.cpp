// Clips and elements that are known, and by what. What every store must do.

#include "tests/ledger/store_fixture.hpp"

using namespace callsheet;
using namespace callsheet::test;

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

TEST_CASE("ledger: a retake is found by the take it stands for, where nothing else of that take is known") {
  for_each_store([](Ledger& ledger) {
    RunId const id{"retake"};
    TaskIdentity const take{"take"};
    NewRun const run{.id = id, .campaign = "spring", .gateway = "evolink", .nonce = "n", .started = noon};
    REQUIRE(ledger.begin_run(run).has_value());
    REQUIRE(ledger.add_routes(id, {"{}"}).has_value());
    REQUIRE(
        ledger
            .add_tasks(
                id,
                {{.identity = TaskIdentity{"in other words"}, .name = "t", .spec = "{}", .stands_for = take}})
            .has_value());
    REQUIRE(ledger.start_run(id, "{}", cap_of(Credits::whole(100))).has_value());
    commit(ledger, intent(key(0), Credits::whole(1)), id);
    auto const paid = *ledger.find_clips("evolink", {take}, Clips::paid);
    REQUIRE(paid[0].has_value());
    CHECK(paid[0]->origin.run == id);
    make(ledger, key(0), id);
    for (Clips const clips : {Clips::made_or_paid, Clips::latest}) {
      auto const known = *ledger.find_clips("evolink", {take}, clips);
      REQUIRE(known[0].has_value());
      CHECK(known[0]->outcome == TaskOutcome::made);
      CHECK(known[0]->origin.model == ModelId{"m"});
    }
  });
}
