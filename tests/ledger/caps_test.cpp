// Caps: no hold exceeds one, whatever counts against it. What every store must do.

#include "tests/ledger/store_fixture.hpp"

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
