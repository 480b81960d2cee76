#include "orchestrator/engine/backoff.hpp"
#include "orchestrator/engine/breaker.hpp"
#include "orchestrator/engine/poll_schedule.hpp"
#include "orchestrator/engine/retry_policy.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

TEST_CASE("backoff: grows, is capped, and obeys Retry-After") {
  Backoff const backoff{1s, 60s};
  struct Case {
    char const* name;
    int failures;
    std::optional<std::chrono::milliseconds> retry_after;
    Duration least, most;
  };
  for (Case const& c : {Case{"first failure", 1, {}, 500ms, 1s}, Case{"third", 3, {}, 2s, 4s},
                        Case{"capped", 40, {}, 30s, 60s}, Case{"told to wait", 1, 90'000ms, 90s, 90s},
                        Case{"told less than the backoff", 7, 1ms, 30s, 60s}}) {
    CAPTURE(c.name);
    Random random{7};
    for (int i = 0; i < 200; ++i) {
      Duration const delay = backoff.delay(c.failures, c.retry_after, random);
      CHECK(delay >= c.least);
      CHECK(delay <= c.most);
    }
  }
}

TEST_CASE("breaker: opens after failures in a row, lets one probe through, and closes when it succeeds") {
  Breaker breaker;
  TimePoint now{};
  for (int i = 0; i < 4; ++i) breaker.failed(now);
  CHECK(breaker.state(now) == Breaker::State::closed);
  breaker.failed(now);
  CHECK(breaker.state(now) == Breaker::State::open);
  CHECK_FALSE(breaker.admits(now));
  now = breaker.open_until();
  CHECK(breaker.state(now) == Breaker::State::half_open);
  CHECK(breaker.admits(now));
  breaker.submitted(now);
  CHECK_FALSE(breaker.admits(now));
  SUBCASE("a failed probe opens it for longer") {
    breaker.failed(now);
    CHECK(breaker.open_until() - now == 60s);
  }
  SUBCASE("a probe that told nothing lets another go") {
    breaker.inconclusive();
    CHECK(breaker.admits(now));
  }
  SUBCASE("a good probe closes it") {
    breaker.succeeded();
    CHECK(breaker.state(now) == Breaker::State::closed);
  }
}

TEST_CASE("polls: within bounds, and farther apart as a task grows old") {
  PollSchedule const polls{3s, 20s};
  Random random{3};
  for (int i = 0; i < 100; ++i) {
    CHECK(polls.first(std::nullopt, random) >= 2'700ms);
    CHECK(polls.first(300s, random) <= 22s);
    CHECK(polls.next(1s, random) <= 3'300ms);
    CHECK(polls.next(1h, random) >= 18s);
  }
}

TEST_CASE("retry policy: what was refused for its content is never bought elsewhere") {
  CHECK(remedy_when_refused(FailureKind::content_refused) == Remedy::give_up);
  CHECK(remedy_when_failed(FailureKind::content_refused) == Remedy::give_up);
  CHECK(remedy_when_refused(FailureKind::unauthorized) == Remedy::stop_run);
  CHECK(remedy_when_refused(FailureKind::out_of_credit) == Remedy::stop_run);
  CHECK(remedy_when_refused(FailureKind::model_unavailable) == Remedy::fall_back);
  CHECK(remedy_when_refused(FailureKind::rate_limited) == Remedy::retry_unpaid);
  CHECK(remedy_when_failed(FailureKind::temporary) == Remedy::fall_back);
  CHECK(remedy_when_failed(FailureKind::no_content) == Remedy::give_up);
}
