// What is remembered of a gateway, across runs. What every store must do.

#include "tests/ledger/store_fixture.hpp"

using namespace callsheet;
using namespace callsheet::test;

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
