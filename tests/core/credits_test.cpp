#include "orchestrator/core/credits.hpp"

#include <doctest/doctest.h>

using namespace callsheet;

TEST_CASE("credits: text is read exactly or not at all") {
  struct Case {
    char const* text;
    std::optional<std::int64_t> units;
  };
  for (Case const& c : {Case{"12", 120'000}, Case{"5.4", 54'000}, Case{"7.1982", 71'982}, Case{"0.0001", 1},
                        Case{"0", 0}, Case{"", {}}, Case{".5", {}}, Case{"1.", {}}, Case{"1.23456", {}},
                        Case{"-1", {}}, Case{"1e3", {}}, Case{" 1", {}}, Case{"99999999999999999999", {}}}) {
    CAPTURE(c.text);
    auto const read = Credits::parse(c.text);
    CHECK(read.has_value() == c.units.has_value());
    if (read && c.units) CHECK(read->units() == *c.units);
  }
}

TEST_CASE("credits: what is written reads back as the same amount") {
  for (std::int64_t units = 0; units < 200'000; units += 37) {
    Credits const amount = Credits::from_units(units);
    CHECK(Credits::parse(to_string(amount)) == amount);
  }
  CHECK(to_string(Credits::from_units(71'982)) == "7.1982");
  CHECK(to_string(Credits::whole(27)) == "27");
  CHECK(to_string(Credits::from_units(-5'000)) == "-0.5");
}

TEST_CASE("credits: USD is rounded for display and always marked as approximate") {
  CHECK(approximate_usd(Credits::whole(27), CreditsPerUsd{68}) == "~$0.40");
  CHECK(approximate_usd(Credits::whole(72), CreditsPerUsd{72}) == "~$1.00");
  CHECK(approximate_usd(Credits{}, CreditsPerUsd{68}) == "~$0.00");
  CHECK(approximate_usd(Credits::from_units(200), CreditsPerUsd{68}) == "~$0.0003");
}
