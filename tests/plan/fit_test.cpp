#include "orchestrator/plan/fit.hpp"

#include "tests/support/sanitized.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <doctest/doctest.h>

using namespace callsheet;
using plan::FitBudget;
using plan::FitOption;
using plan::FitTask;
using plan::Fitted;

namespace {

Credits credits(std::int64_t whole) {
  return Credits::whole(whole);
}

FitTask task(std::vector<FitOption> options, int priority = 0) {
  FitTask one;
  one.priority = priority;
  one.options = std::move(options);
  return one;
}

GroupSet group(std::uint16_t index) {
  GroupSet set;
  set.indexes[0] = index;
  set.size = 1;
  return set;
}

/// What must hold of every choice; the sums as told are checked against the tasks.
void check_sound(std::vector<FitTask> const& tasks, FitBudget const& budget, Fitted const& fitted) {
  REQUIRE(fitted.options.size() == tasks.size());
  Credits cost;
  std::vector<Credits> groups(budget.groups.size());
  bool options_exist = true;
  bool made_stay = true;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    made_stay = made_stay && (!tasks[i].made || fitted.options[i] == std::uint8_t{0});
    if (!fitted.options[i] || tasks[i].made) continue;
    options_exist = options_exist && *fitted.options[i] < tasks[i].options.size();
    if (!options_exist) break;
    Credits const one = tasks[i].options[*fitted.options[i]].cost;
    cost += one;
    for (std::uint16_t const g : tasks[i].groups) groups[g] += one;
  }
  CHECK(made_stay);
  REQUIRE(options_exist);
  CHECK(cost == fitted.cost);
  CHECK(cost <= budget.cap);
  for (std::size_t g = 0; g < groups.size(); ++g) CHECK(groups[g] <= budget.groups[g]);
  for (plan::FitClass const& one : fitted.classes) CHECK(one.worth <= one.bound);
}

/// Groups covered and worth of one priority, in the order in which they count.
struct Outcome {
  std::size_t covered = 0;
  std::int64_t worth = 0;
  friend auto operator<=>(Outcome const&, Outcome const&) = default;
};

std::size_t covered_groups(std::map<std::uint32_t, std::size_t> const& counts, std::size_t least) {
  return static_cast<std::size_t>(
      std::count_if(counts.begin(), counts.end(), [&](auto const& one) { return one.second >= least; }));
}

/// Every choice there is, of tasks of one priority.
Outcome exhaustive(std::vector<FitTask> const& tasks, FitBudget const& budget) {
  Outcome best;
  std::vector<std::size_t> choice(tasks.size());  // 0: left out
  for (;;) {
    Credits cost;
    std::vector<Credits> groups(budget.groups.size());
    std::map<std::uint32_t, std::size_t> counts;
    Outcome outcome;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      bool const there = choice[i] > 0 || tasks[i].made;
      if (there && tasks[i].cover) ++counts[*tasks[i].cover];
      if (choice[i] == 0 || tasks[i].made) continue;
      FitOption const& option = tasks[i].options[choice[i] - 1];
      cost += option.cost;
      outcome.worth += option.worth;
      for (std::uint16_t const g : tasks[i].groups) groups[g] += option.cost;
    }
    bool good = cost <= budget.cap;
    for (std::size_t g = 0; g < groups.size(); ++g) good = good && groups[g] <= budget.groups[g];
    if (budget.coverage_least > 0) outcome.covered = covered_groups(counts, budget.coverage_least);
    if (good) best = std::max(best, outcome);
    std::size_t at = 0;
    while (at < tasks.size() && choice[at] == tasks[at].options.size()) choice[at++] = 0;
    if (at == tasks.size()) return best;
    ++choice[at];
  }
}

Outcome outcome_of(std::vector<FitTask> const& tasks, FitBudget const& budget, Fitted const& fitted) {
  Outcome outcome;
  std::map<std::uint32_t, std::size_t> counts;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!fitted.options[i]) continue;
    if (tasks[i].cover) ++counts[*tasks[i].cover];
    if (!tasks[i].made) outcome.worth += tasks[i].options[*fitted.options[i]].worth;
  }
  if (budget.coverage_least > 0) outcome.covered = covered_groups(counts, budget.coverage_least);
  return outcome;
}

/// A campaign of a few tasks with ladders of up to three rungs; `groups` of each kind, or none.
std::vector<FitTask> some_tasks(std::mt19937_64& random, std::size_t count, bool covered, bool capped) {
  auto const between = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>{least, most}(random);
  };
  std::vector<FitTask> tasks;
  for (std::size_t i = 0; i < count; ++i) {
    FitTask one;
    std::int64_t cost = between(20, 90);
    std::int64_t worth = between(1, 9) * 1000;
    for (std::int64_t rung = between(1, 3); rung > 0; --rung) {
      one.options.push_back({.cost = credits(cost), .worth = worth});
      cost = cost * between(40, 95) / 100;
      worth = worth * between(30, 100) / 100;
      if (worth == 0) worth = 1;
    }
    auto const place = static_cast<std::uint16_t>(between(0, 2));
    if (covered) one.cover = place;
    if (capped) one.groups = group(place);
    one.made = between(0, 9) == 0;
    tasks.push_back(std::move(one));
  }
  return tasks;
}

}  // namespace

TEST_CASE("fit: what fits is made at its best") {
  std::vector<FitTask> const tasks{task({{credits(30), 2}, {credits(10), 1}}), task({{credits(20), 1}})};
  FitBudget const budget{.cap = credits(50), .groups = {}, .coverage_least = 0};
  Fitted const fitted = plan::fit(tasks, budget);
  CHECK(fitted.options == std::vector<std::optional<std::uint8_t>>{0, 0});
  CHECK(fitted.cost == credits(50));
  CHECK(fitted.classes.front().proven);
}

TEST_CASE("fit: priority comes before worth, coverage before worth, and what is made is free") {
  // The dear task of higher priority leaves nothing for the other, though that is worth far more.
  std::vector<FitTask> tasks{task({{credits(10), 1'000}}), task({{credits(40), 1}}, 5)};
  FitBudget budget{.cap = credits(45), .groups = {}, .coverage_least = 0};
  CHECK(plan::fit(tasks, budget).options == std::vector<std::optional<std::uint8_t>>{{}, 0});

  // One clip for each of two groups, rather than two good ones for one.
  tasks = {task({{credits(20), 90}}), task({{credits(20), 90}}), task({{credits(20), 10}})};
  for (std::uint32_t i = 0; i < 3; ++i) tasks[i].cover = i / 2;
  budget = {.cap = credits(40), .groups = {}, .coverage_least = 1};
  Fitted fitted = plan::fit(tasks, budget);
  CHECK(fitted.options[2] == std::uint8_t{0});
  CHECK(fitted.groups_short == 0);

  // That group has a clip from before: the good ones are made.
  tasks.push_back(tasks[2]);
  tasks.back().made = true;
  fitted = plan::fit(tasks, budget);
  CHECK(fitted.options == std::vector<std::optional<std::uint8_t>>{0, 0, {}, 0});
  CHECK(fitted.cost == credits(40));
}

TEST_CASE("fit: nothing where nothing fits, and no tasks at all") {
  FitBudget const budget{.cap = credits(5), .groups = {}, .coverage_least = 2};
  CHECK(plan::fit({}, budget).options.empty());
  std::vector<FitTask> tasks{task({{credits(6), 1}})};
  tasks.front().cover = 0;
  Fitted const fitted = plan::fit(tasks, budget);
  CHECK_FALSE(fitted.options.front().has_value());
  CHECK(fitted.groups_short == 1);
}

TEST_CASE("fit: small campaigns are solved as well as by looking at every choice") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    bool const covered = seed % 2 == 0;
    bool const capped = seed % 4 >= 2;
    std::vector<FitTask> const tasks = some_tasks(random, 2 + seed % 6, covered, capped);
    auto const between = [&](std::int64_t least, std::int64_t most) {
      return credits(std::uniform_int_distribution<std::int64_t>{least, most}(random));
    };
    FitBudget const budget{.cap = between(10, 300),
                           .groups = capped
                                         ? std::vector{between(10, 150), between(10, 150), between(10, 150)}
                                         : std::vector<Credits>{},
                           .coverage_least = covered ? 1 + seed % 3 : 0};
    Fitted const fitted = plan::fit(tasks, budget);
    check_sound(tasks, budget, fitted);
    for (plan::FitClass const& one : fitted.classes) CHECK(one.proven);
    Outcome const found = outcome_of(tasks, budget, fitted);
    Outcome const best = exhaustive(tasks, budget);
    CHECK(found.covered == best.covered);
    CHECK(found.worth == best.worth);
  }
}

TEST_CASE("fit: caps of two axes that cross are never broken, and not claimed to be solved") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::vector<FitTask> tasks = some_tasks(random, 12, true, true);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      tasks[i].groups.indexes[1] = static_cast<std::uint16_t>(3 + i % 2);
      tasks[i].groups.size = 2;
    }
    FitBudget const budget{.cap = credits(250),
                           .groups = {credits(90), credits(120), credits(60), credits(140), credits(100)},
                           .coverage_least = 1};
    Fitted const fitted = plan::fit(tasks, budget);
    check_sound(tasks, budget, fitted);
    bool const all = std::all_of(fitted.options.begin(), fitted.options.end(),
                                 [](auto const& o) { return o.has_value(); });
    CHECK((all || !fitted.classes.front().proven));
  }
}

TEST_CASE("fit: ten thousand tasks come within 1 % of what no choice can exceed") {
  std::size_t const count = test::few(10'000);
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::vector<FitTask> tasks = some_tasks(random, count, false, false);
    for (FitTask& one : tasks) one.made = false;
    Credits whole;
    for (FitTask const& one : tasks) whole += one.options.front().cost;
    for (int const percent : {5, 40, 90}) {
      CAPTURE(percent);
      FitBudget const budget{
          .cap = Credits::from_units(whole.units() * percent / 100), .groups = {}, .coverage_least = 0};
      Fitted const fitted = plan::fit(tasks, budget);
      check_sound(tasks, budget, fitted);
      plan::FitClass const& outcome = fitted.classes.front();
      CHECK(static_cast<double>(outcome.worth) >= 0.99 * static_cast<double>(outcome.bound));
    }
  }
}

TEST_CASE("fit: the same tasks give the same choice") {
  std::mt19937_64 random{7};
  std::vector<FitTask> const tasks = some_tasks(random, 500, true, true);
  FitBudget const budget{
      .cap = credits(5'000), .groups = {credits(2'000), credits(2'000), credits(2'000)}, .coverage_least = 3};
  CHECK(plan::fit(tasks, budget).options == plan::fit(tasks, budget).options);
}
