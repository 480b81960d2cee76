#include "tests/sim/world.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

using namespace callsheet;

namespace {

/// CALLSHEET_SIM_SEED=n replays one campaign; CALLSHEET_SIM_CAMPAIGNS=n runs more than the usual number.
std::uint64_t number_from(char const* variable, std::uint64_t otherwise) {
  char const* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("laws hold in every simulated campaign, whatever the network and the gateway do") {
  std::uint64_t const only = number_from("CALLSHEET_SIM_SEED", 0);
  std::uint64_t const campaigns = number_from("CALLSHEET_SIM_CAMPAIGNS", 2'000);
  for (std::uint64_t seed = only != 0 ? only : 1; seed <= (only != 0 ? only : campaigns); ++seed) {
    sim::World world{seed};
    world.run();
    for (std::string const& breach : world.breaches())
      FAIL_CHECK("seed " << seed << ": " << breach << "; replay: CALLSHEET_SIM_SEED=" << seed
                         << " sim_tests");
    if (!world.breaches().empty()) break;
  }
}

TEST_CASE("the same seed gives the same bytes of trace") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    sim::World first{seed};
    sim::World second{seed};
    first.run();
    second.run();
    CHECK(first.trace() == second.trace());
  }
}
