#include "orchestrator/engine/rate_limit.hpp"

#include "orchestrator/engine/random.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

/// Most that fell into any window, wherever it begins.
std::ptrdiff_t most_in_a_window(std::vector<TimePoint> const& times, Duration window) {
  std::ptrdiff_t most = 0;
  for (std::size_t i = 0; i < times.size(); ++i)
    most = std::max(most, std::count_if(times.begin() + static_cast<std::ptrdiff_t>(i), times.end(),
                                        [&](TimePoint at) { return at < times[i] + window; }));
  return most;
}

}  // namespace

TEST_CASE(
    "rate limit: no window holds more than the rate, however greedily it is used and however late things "
    "leave") {
  Random random{11};
  for (int round = 0; round < 200; ++round) {
    Rate const rate{
        .count = static_cast<int>(random.between(1, 40)),
        .window = std::chrono::milliseconds{random.between(100, 60'000)},
        .burst = static_cast<int>(random.between(0, 1)) * static_cast<int>(random.between(1, 40))};
    CAPTURE(rate.count);
    RateLimit limit{rate};
    std::vector<TimePoint> left;
    TimePoint now{};
    for (int i = 0; i < 200; ++i) {
      now = std::max(now, limit.next_at(now));
      auto const ticket = limit.take(now);
      // A commit comes in between: what was decided now leaves later, and the window counts from there.
      if (random.between(0, 3) == 0) now += Duration{random.between(0, Duration{rate.window}.count())};
      limit.went(ticket, now);
      left.push_back(now);
      if (random.between(0, 9) == 0) now += Duration{random.between(0, Duration{rate.window}.count())};
    }
    REQUIRE(most_in_a_window(left, rate.window) <= rate.count);
  }
}

TEST_CASE("rate limit: all of the rate can be used") {
  Rate const rate{.count = 50, .window = 60s};
  RateLimit limit{rate};
  TimePoint now{};
  int taken = 0;
  for (; now < TimePoint{} + 10min; ++taken) {
    now = std::max(now, limit.next_at(now));
    limit.went(limit.take(now), now);
  }
  CHECK(taken >= 500);
}

TEST_CASE("rate limit: what has not left yet holds its place until it has") {
  RateLimit limit{Rate{.count = 2, .window = 1s, .burst = 2}};
  TimePoint const now{10s};
  auto const first = limit.take(now);
  auto const second = limit.take(now);
  CHECK(limit.next_at(now + 1h) == TimePoint::max());
  limit.went(first, now + 100ms);
  CHECK(limit.next_at(now + 1h) == now + 1100ms);
  limit.went(second, now + 200ms);
  CHECK(limit.next_at(now + 1h) == now + 1100ms);
}

TEST_CASE("rate limit: a burst is as large as it may be, then one at a time") {
  RateLimit limit{Rate{.count = 60, .window = 60s, .burst = 3}};
  TimePoint const now{10s};
  for (int i = 0; i < 3; ++i) {
    REQUIRE(limit.next_at(now) <= now);
    limit.went(limit.take(now), now);
  }
  CHECK(limit.next_at(now) == now + 1s);
}

TEST_CASE("rate limit: told to slow down, it waits as long as it was told, halves its pace and climbs back") {
  RateLimit limit{Rate{.count = 60, .window = 60s, .burst = 1}};
  TimePoint now{100s};
  limit.went(limit.take(now), now);
  limit.slow_down(now, 30'000ms);
  CHECK(limit.next_at(now) == now + 30s);
  CHECK(limit.pace(now) == doctest::Approx(0.5));
  // Answers to what had left before say nothing new.
  limit.slow_down(now + 1s, {});
  CHECK(limit.pace(now + 1s) > 0.5);
  now += 30s;
  limit.went(limit.take(now), now);
  CHECK(limit.next_at(now) == now + 1s);  // the pace has climbed back in the meantime
  limit.slow_down(now, {});
  limit.went(limit.take(now + 1s), now + 1s);
  CHECK(limit.next_at(now + 1s) > now + 2s);
  CHECK(limit.pace(now + 2min) == doctest::Approx(1.0));
}

TEST_CASE("rate limit: without a rate it learns one from what was refused, and forgets it again") {
  RateLimit limit;
  TimePoint now{100s};
  for (int i = 0; i < 20; ++i, now += 100ms) {
    CHECK(limit.next_at(now) <= now);
    limit.went(limit.take(now), now);
  }
  limit.slow_down(now, {});
  now += 1s;
  limit.went(limit.take(now), now);
  Duration const spacing = limit.next_at(now) - now;
  CHECK(spacing > 150ms);
  CHECK(spacing < 250ms);
  CHECK(limit.next_at(now + 2min) <= now + 2min);
}
