#include "tests/sim/world.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;

namespace {

std::optional<std::uint64_t> number_from(char const* variable) {
  char const* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

/// One campaign, with everything that happened in it, for whoever looks for the reason.
void replay(std::uint64_t seed) {
  sim::World world{seed};
  world.run();
  std::cout << world.weather().text() << world.trace();
  for (std::string const& breach : world.breaches()) FAIL_CHECK("seed " << seed << ": " << breach);
}

struct Outcome {
  std::optional<std::uint64_t> worst;  ///< the first seed that broke a law
  std::vector<std::string> breaches;
  std::map<std::string, int> encounters;
};

/// Seeds first, first + 1, … on all cores; stops early at a breach.
Outcome run_campaigns(std::uint64_t first, std::uint64_t count) {
  std::atomic<std::uint64_t> next{first};
  std::atomic<bool> broken{false};
  std::mutex gate;
  Outcome outcome;
  auto work = [&] {
    std::map<std::string, int> met;
    while (!broken) {
      std::uint64_t const seed = next++;
      if (seed >= first + count) break;
      sim::World world{seed};
      world.run();
      for (auto const& [what, times] : world.encounters()) met[what] += times;
      if (world.breaches().empty()) continue;
      std::lock_guard const lock{gate};
      broken = true;
      if (!outcome.worst || seed < *outcome.worst) {
        outcome.worst = seed;
        outcome.breaches = world.breaches();
      }
    }
    std::lock_guard const lock{gate};
    for (auto const& [what, times] : met) outcome.encounters[what] += times;
  };
  std::vector<std::thread> threads(std::max(1u, std::thread::hardware_concurrency()));
  for (std::thread& thread : threads) thread = std::thread{work};
  for (std::thread& thread : threads) thread.join();
  return outcome;
}

constexpr std::uint64_t usual_number = 300;
constexpr std::uint64_t enough_to_meet_everything = 5'000;

}  // namespace

// CALLSHEET_SIM_SEED=n replays one campaign with its trace; CALLSHEET_SIM_CAMPAIGNS=n runs so many, from
// CALLSHEET_SIM_FIRST on.
TEST_CASE("laws hold in every simulated campaign, whatever network, gateway and machine do") {
  if (auto const seed = number_from("CALLSHEET_SIM_SEED")) return replay(*seed);
  std::uint64_t const campaigns = number_from("CALLSHEET_SIM_CAMPAIGNS").value_or(usual_number);
  Outcome const outcome = run_campaigns(number_from("CALLSHEET_SIM_FIRST").value_or(1), campaigns);
  for (std::string const& breach : outcome.breaches)
    FAIL_CHECK("seed " << *outcome.worst << ": " << breach
                       << "; replay with its trace: CALLSHEET_SIM_SEED=" << *outcome.worst << " sim_tests");
  if (std::getenv("CALLSHEET_SIM_COUNT") != nullptr)
    for (auto const& [what, times] : outcome.encounters) std::cout << times << " times " << what << "\n";
  if (campaigns < enough_to_meet_everything || outcome.worst) return;
  // Laws that are never put to the test hold easily.
  for (char const* what : {"the process dies",
                           "a commit fails",
                           "a task is tried again",
                           "the day's cap refuses",
                           "a doubt is adopted",
                           "a list proves absence",
                           "a replay is answered",
                           "a hold is raised",
                           "a bill is told",
                           "a bill follows from the request",
                           "a bill follows from the length",
                           "a refund is seen",
                           "a failed task is charged",
                           "a refund is expected",
                           "an attempt is in doubt",
                           "a model is set aside",
                           "the rest is ended",
                           "a task is left outstanding",
                           "a task is skipped",
                           "a deadline leaves a task out",
                           "an element is made",
                           "a task ends with what it needs",
                           "a task ends in doubt",
                           "the rival is first",
                           "the run is paused",
                           "another run has it"}) {
    auto const met = outcome.encounters.find(what);
    CHECK_MESSAGE(met != outcome.encounters.end(), "never met: " << std::string{what});
  }
}

TEST_CASE("the same seed gives the same bytes of trace") {
  if (number_from("CALLSHEET_SIM_SEED")) return;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    sim::World first{seed};
    sim::World second{seed};
    first.run();
    second.run();
    CHECK(first.trace() == second.trace());
  }
}
