#include "orchestrator/engine/gcra.hpp"

#include "orchestrator/engine/random.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

TEST_CASE("gcra: no window of any length-W holds more than the rate, however greedily it is used") {
  Random random{11};
  for (int round = 0; round < 300; ++round) {
    Rate const rate{static_cast<int>(random.between(1, 60)),
                    std::chrono::milliseconds{random.between(100, 60'000)}};
    Gcra gcra{rate};
    std::vector<TimePoint> taken;
    TimePoint now{};
    for (int i = 0; i < 400; ++i) {
      now = std::max(now, gcra.next_at());
      if (random.between(0, 9) == 0) now += Duration{random.between(0, Duration{rate.window}.count())};
      gcra.take(now);
      taken.push_back(now);
    }
    for (std::size_t i = static_cast<std::size_t>(rate.count); i < taken.size(); ++i)
      REQUIRE(taken[i] - taken[i - static_cast<std::size_t>(rate.count)] >= Duration{rate.window});
  }
}

TEST_CASE("gcra: most of the rate can be used") {
  Rate const rate{50, 60s};
  Gcra gcra{rate};
  TimePoint now{};
  int taken = 0;
  for (; now < TimePoint{} + 10min; ++taken) {
    now = std::max(now, gcra.next_at());
    gcra.take(now);
  }
  CHECK(taken > 400);
  CHECK(taken <= 501);
}

TEST_CASE("gcra: a pause is kept in full") {
  Gcra gcra{Rate{10, 1s}};
  TimePoint const now{1s};
  gcra.take(now);
  gcra.pause_until(now + 30s);
  CHECK(gcra.next_at() == now + 30s);
}
