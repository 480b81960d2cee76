#include "orchestrator/engine/poll_plan.hpp"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

struct Cost {
  double reads = 0;
  double delay = 0;     ///< until the end was seen
  double duration = 0;  ///< of the tasks
};

/// Reads one task of that duration to its end, and teaches the plan what was seen.
Cost follow(PollPlan& plan, Duration duration, double reads_per_task, Random& random) {
  Cost cost{.reads = 0, .delay = 0, .duration = static_cast<double>(duration.count())};
  Duration age{0};
  for (Duration alive{0};;) {
    age += plan.wait(age, reads_per_task, random);
    ++cost.reads;
    if (age >= duration) {
      plan.knowledge().ended(alive, age);
      cost.delay = static_cast<double>((age - duration).count());
      return cost;
    }
    plan.knowledge().alive(alive, age);
    alive = age;
  }
}

template <class Draw>
Cost mean_cost(PollPlan& plan, int tasks, double reads_per_task, Random& random, Draw draw) {
  Cost sum;
  for (int i = 0; i < tasks; ++i) {
    Cost const one = follow(plan, draw(random), reads_per_task, random);
    sum.reads += one.reads / tasks;
    sum.delay += one.delay / tasks;
    sum.duration += one.duration / tasks;
  }
  return sum;
}

Duration even(Random& random) {
  return Duration{random.between(60'000'000, 120'000'000)};
}

}  // namespace

TEST_CASE("poll plan: once it knows, a few reads find the end within a few per cent of the duration") {
  Random random{3};
  PollPlan plan{{.least = 1s, .most = 2min}};
  mean_cost(plan, 300, 4.0, random, even);
  Cost const learned = mean_cost(plan, 500, 4.0, random, even);
  CHECK(learned.reads < 4.5);
  CHECK(learned.delay < 0.06 * learned.duration);
}

TEST_CASE("poll plan: more reads buy less delay, and what it promises comes, or better") {
  Random random{4};
  PollPlan plan{{.least = 1s, .most = 2min}};
  mean_cost(plan, 500, 4.0, random, even);
  double delay_before = 1e18;
  for (double const reads : {2.5, 4.0, 7.0}) {
    CAPTURE(reads);
    PollPlan::Outlook const promised = plan.outlook(reads);
    CHECK(promised.reads == doctest::Approx(reads).epsilon(0.06));
    PollPlan copy = plan;
    Cost const came = mean_cost(copy, 400, reads, random, even);
    CHECK(came.reads == doctest::Approx(promised.reads).epsilon(0.15));
    CHECK(came.delay < 1.2 * static_cast<double>(promised.delay.count()));
    CHECK(came.delay < delay_before);
    delay_before = came.delay;
  }
}

TEST_CASE("poll plan: what is still running teaches too") {
  Random random{5};
  PollPlan plan{{.least = 1s, .most = 5min}};
  plan.estimate(300s);
  // Nothing has ended yet, and fifty tasks were seen alive at a hundred seconds.
  for (int i = 0; i < 50; ++i) plan.knowledge().alive(0s, 100s);
  Duration const first = plan.wait(0s, 4.0, random);
  CHECK(first > 80s);
}

TEST_CASE("poll plan: knowing nothing, reads spread out as the task grows old") {
  Random random{6};
  PollPlan plan{{.least = 3s, .most = 60s}};
  Duration age{0};
  for (int i = 0; i < 20; ++i) {
    Duration const wait = plan.wait(age, 4.0, random);
    CHECK(wait >= std::clamp<Duration>(age * 29 / 100, 3s, 60s));
    CHECK(wait <= std::clamp<Duration>(age * 93 / 100, 6s, 60s));
    age += wait;
  }
}

TEST_CASE("poll plan: while nothing is known a few scouts read, and the others wait for them") {
  Random random{8};
  PollPlan plan{{.least = 10ms, .most = 10min}};
  auto const scouts = [&] {
    int count = 0;
    for (int i = 0; i < 160; ++i) count += plan.wait(Duration{0}, 4.0, random) < 1s;
    return count;
  };
  int const before = scouts();
  CHECK(before >= 4);
  CHECK(before <= 20);
  plan.knowledge().ended(400ms, 500ms);
  CHECK(scouts() == 160);
}

TEST_CASE("poll plan: what was learned survives being written down") {
  Random random{7};
  PollPlan plan{{.least = 1s, .most = 2min}};
  mean_cost(plan, 300, 4.0, random, even);
  PollPlan again{{.least = 1s, .most = 2min}};
  again.knowledge().restore(plan.knowledge().steps(), 1.0);
  auto const micros = [](PollPlan& one) { return static_cast<double>(one.outlook(4.0).delay.count()); };
  CHECK(micros(again) == doctest::Approx(micros(plan)).epsilon(0.02));
  Cost const at_once = mean_cost(again, 300, 4.0, random, even);
  CHECK(at_once.reads < 4.6);
}
