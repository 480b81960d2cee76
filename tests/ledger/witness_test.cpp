#include "orchestrator/ledger/witness.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::ledger;

namespace {

BookedAttempt booked(std::uint32_t task, std::uint32_t ordinal, Balance const& balance) {
  return {.key = {TaskId{task}, ordinal},
          .idempotency_key = std::to_string(task) + "." + std::to_string(ordinal),
          .balance = balance};
}

WitnessLine charged(std::string key, int credits) {
  return {.idempotency_key = std::move(key),
          .charged = Credits::whole(credits),
          .reserved = {},
          .delivered = credits > 0};
}

WitnessLine reserved(std::string key, int credits) {
  return {.idempotency_key = std::move(key), .charged = {}, .reserved = Credits::whole(credits)};
}

Balance billed(int credits) {
  return {.held = {}, .billed = Credits::whole(credits), .refund_expected = {}};
}

Balance held(int credits) {
  return {.held = Credits::whole(credits), .billed = {}, .refund_expected = {}};
}

}  // namespace

TEST_CASE("the gateway's own bill is held against the ledger, attempt by attempt") {
  struct Case {
    char const* name;
    std::vector<BookedAttempt> booked;
    std::vector<WitnessLine> bill;
    char const* broken;  ///< null: the laws are kept
  };
  for (Case const& c : std::vector<Case>{
           {"paid and booked", {booked(0, 1, billed(10))}, {charged("0.1", 10)}, nullptr},
           {"never arrived and released", {booked(0, 1, {})}, {}, nullptr},
           {"a doubt that came to nothing keeps its hold", {booked(0, 1, held(10))}, {}, nullptr},
           {"a doubt that was charged is covered", {booked(0, 1, held(10))}, {charged("0.1", 10)}, nullptr},
           {"still running is covered", {booked(0, 1, held(10))}, {reserved("0.1", 10)}, nullptr},
           {"a failed attempt and one that was charged",
            {booked(0, 1, {}), booked(0, 2, billed(10))},
            {charged("0.1", 0), charged("0.2", 10)},
            nullptr},
           {"charged, and the ledger let go", {booked(0, 1, {})}, {charged("0.1", 10)}, "counts with 0"},
           {"still running, and the ledger let go",
            {booked(0, 1, {})},
            {reserved("0.1", 10)},
            "counts with 0"},
           {"booked, and never charged",
            {booked(0, 1, billed(10))},
            {charged("0.1", 0)},
            "the gateway took 0"},
           {"made twice under one key",
            {booked(0, 1, billed(20))},
            {charged("0.1", 10), charged("0.1", 10)},
            "attempt 0.1 was made 2 times"},
           {"one clip, paid in two attempts",
            {booked(0, 1, billed(10)), booked(0, 2, billed(10))},
            {charged("0.1", 10), charged("0.2", 10)},
            "clip 1 of the campaign was made and charged 2 times"},
           {"made, and nobody knows", {}, {charged("9.1", 10)}, "the ledger does not know"},
           {"above the cap", {booked(0, 1, billed(101))}, {charged("0.1", 101)}, "never above the cap"}}) {
    CAPTURE(c.name);
    Testimony const testimony = compare(c.booked, c.bill, Credits::whole(100));
    if (c.broken == nullptr) {
      CHECK(testimony.breaches.empty());
    } else {
      REQUIRE(!testimony.breaches.empty());
      CHECK_MESSAGE(testimony.breaches.front().find(c.broken) != std::string::npos,
                    testimony.breaches.front());
    }
  }
}

TEST_CASE("what is charged and what is still reserved are told apart") {
  Testimony const testimony = compare({booked(0, 1, billed(10)), booked(1, 1, held(5))},
                                      {charged("0.1", 10), reserved("1.1", 5)}, Credits::whole(100));
  CHECK(testimony.charged == Credits::whole(10));
  CHECK(testimony.reserved == Credits::whole(5));
  CHECK(testimony.breaches.empty());
}
