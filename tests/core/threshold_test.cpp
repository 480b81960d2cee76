#include "orchestrator/core/threshold.hpp"

#include <doctest/doctest.h>

using namespace callsheet;

namespace {

Threshold threshold(char const* text) {
  std::string why;
  auto const parsed = parse_threshold(text, why);
  CAPTURE(why);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("threshold: exact at the limit and one beyond") {
  struct Case {
    char const* text;
    Tally tally;
    bool kept;
  };
  Tally const none{};
  Tally const one_in_twenty{.made = 19, .failed = 1, .spent = Credits::whole(760)};
  Tally const two_in_twenty{.made = 18, .failed = 2, .attempts = 22, .spent = Credits::whole(760)};
  Tally const one_wrong{.made = 19, .mismatched = 1, .spent = Credits::whole(760)};
  Tally const all_failed{.failed = 3, .spent = Credits::whole(30)};
  for (Case const& c : {
           Case{"failed_ratio < 0.05", none, true},
           Case{"failed_ratio < 0.05", one_in_twenty, false},
           Case{"failed_ratio <= 0.05", one_in_twenty, true},
           Case{"failed_ratio < 0.0501", one_in_twenty, true},
           Case{"failed_ratio < 0.05", two_in_twenty, false},
           Case{"made_ratio >= 0.95", one_in_twenty, true},
           Case{"made_ratio > 0.95", one_in_twenty, false},
           Case{"cost_per_clip <= 40 credits", one_in_twenty, true},
           Case{"cost_per_clip < 40 credits", one_in_twenty, false},
           Case{"cost_per_clip < 1000", all_failed, false},
           Case{"mismatched_ratio < 0.05", one_in_twenty, true},
           Case{"mismatched_ratio < 0.05", one_wrong, false},
           Case{"mismatched_ratio <= 0.05", one_wrong, true},
           Case{"cost_per_clip < 40", one_wrong, false},  // 19 that can be used
           Case{"spent <= 760", one_in_twenty, true},
           Case{"spent < 760 credits", one_in_twenty, false},
           Case{"attempts_per_clip < 1.3", two_in_twenty, true},
           Case{"attempts_per_clip < 1.2", two_in_twenty, false},
       }) {
    CAPTURE(c.text);
    CHECK(keeps(c.tally, threshold(c.text)) == c.kept);
  }
  CHECK(value_text(one_in_twenty, Metric::failed_ratio) == "0.05");
  CHECK(value_text(one_in_twenty, Metric::cost_per_clip) == "40 credits");
  CHECK(value_text(none, Metric::failed_ratio).empty());
}

TEST_CASE("threshold: what is none says why") {
  for (auto const& [text, why] : {std::pair{"failed_ratio", "compares nothing"},
                                  {"failures < 1", "no metric `failures`"},
                                  {"failed_ratio < lots", "not a number"},
                                  {"failed_ratio < 0.00001", "at most four decimals"},
                                  {"failed_ratio < 5 credits", "a plain number"},
                                  {"cost_per_clip < -1", "not a number"},
                                  {"", "compares nothing"}}) {
    CAPTURE(text);
    std::string told;
    CHECK_FALSE(parse_threshold(text, told));
    CHECK(told.find(why) != std::string::npos);
  }
}
