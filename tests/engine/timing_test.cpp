#include "orchestrator/engine/backoff.hpp"
#include "orchestrator/engine/breaker.hpp"
#include "orchestrator/engine/retry_budget.hpp"
#include "orchestrator/engine/retry_policy.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

TEST_CASE("backoff: anywhere up to a wait that grows and is capped, and after what it was told") {
  Backoff const backoff{1s, 60s};
  struct Case {
    char const* name;
    int failures;
    std::optional<std::chrono::milliseconds> retry_after;
    Duration least, most;
  };
  for (Case const& c :
       {Case{"first failure", 1, {}, 0s, 1s}, Case{"third", 3, {}, 0s, 4s}, Case{"capped", 40, {}, 0s, 60s},
        Case{"told to wait", 1, 90'000ms, 90s, 91s}, Case{"told little", 7, 1ms, 1ms, 60s + 1ms}}) {
    CAPTURE(c.name);
    Random random{7};
    Duration sum{0};
    constexpr int draws = 400;
    for (int i = 0; i < draws; ++i) {
      Duration const delay = backoff.delay(c.failures, c.retry_after, random);
      CHECK(delay >= c.least);
      CHECK(delay <= c.most);
      sum += delay - c.least;
    }
    // Full jitter: spread over the whole of it.
    CHECK(sum / draws > (c.most - c.least) * 4 / 10);
    CHECK(sum / draws < (c.most - c.least) * 6 / 10);
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

TEST_CASE("retry budget: an outage adds a fifth to the traffic, and a trickle") {
  RetryBudget budget;
  TimePoint now{};
  int retries = 0;
  int first_tries = 0;
  // Ten minutes in which everything fails: ten new tasks a second, and as many retries as are let through.
  for (int tenth = 0; tenth < 6000; ++tenth, now += 100ms) {
    budget.first_try(now);
    ++first_tries;
    for (int wanting = 0; wanting < 50 && budget.next_at(now) <= now; ++wanting) {
      budget.take(now);
      ++retries;
    }
  }
  CHECK(first_tries == 6000);
  CHECK(retries > 1200);
  CHECK(retries <= 1200 + 300 + 10 + 1);
  // What waits is told when it may come.
  while (budget.next_at(now) <= now) budget.take(now);
  TimePoint const may = budget.next_at(now);
  CHECK(may > now);
  CHECK(may <= now + 2s + 1ms);
  CHECK(budget.next_at(may) <= may);
}

TEST_CASE("retry policy: what was refused for its content is bought elsewhere only when the manifest asks") {
  using enum RefusedContent;
  CHECK(remedy_when_refused(FailureKind::content_refused, give_up) == Remedy::give_up);
  CHECK(remedy_when_failed(FailureKind::content_refused, give_up) == Remedy::give_up);
  CHECK(remedy_when_refused(FailureKind::content_refused, next_model) == Remedy::next_model);
  CHECK(remedy_when_failed(FailureKind::content_refused, next_model) == Remedy::next_model);
  CHECK(remedy_when_refused(FailureKind::unauthorized, give_up) == Remedy::stop_run);
  CHECK(remedy_when_refused(FailureKind::out_of_credit, give_up) == Remedy::stop_run);
  CHECK(remedy_when_refused(FailureKind::model_unavailable, give_up) == Remedy::fall_back);
  CHECK(remedy_when_refused(FailureKind::rate_limited, give_up) == Remedy::retry_unpaid);
  CHECK(remedy_when_failed(FailureKind::temporary, give_up) == Remedy::fall_back);
  CHECK(remedy_when_failed(FailureKind::no_content, give_up) == Remedy::give_up);
}
