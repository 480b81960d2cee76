#include "tools/bench/benches.hpp"
#include "tools/bench/virtual_campaign.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <malloc.h>

namespace callsheet::bench {

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

engine::Settings wide_open(int in_flight) {
  engine::Settings settings;
  settings.limits.in_flight = in_flight;
  settings.fetches = 64;
  settings.budget.cap = Credits::whole(1'000'000'000);
  settings.polls = {.least = 3s, .most = 10min};
  return settings;
}

Duration about_a_minute(std::size_t n) {
  return 60s + std::chrono::milliseconds{n * 7919 % 60'000};
}

/// Seconds of this process per decision, over `decisions` of them.
double seconds_each(VirtualCampaign& campaign, std::uint64_t decisions) {
  std::uint64_t const before = campaign.decisions();
  auto const began = Steady::now();
  campaign.run(decisions);
  std::chrono::duration<double> const took = Steady::now() - began;
  return took.count() / static_cast<double>(campaign.decisions() - before);
}

double each_with_pending(std::size_t pending) {
  constexpr int in_flight = 2'000;
  engine::Settings settings = wide_open(in_flight);
  settings.backlog = pending;
  VirtualCampaign campaign{settings, pending + 200'000, about_a_minute, 50ms};
  campaign.run(100'000);  // until it flows
  return seconds_each(campaign, 500'000);
}

}  // namespace

void engine_bench() {
  {
    constexpr int in_flight = 100'000;
    VirtualCampaign campaign{wide_open(in_flight), 400'000, about_a_minute, 50ms};
    campaign.run(600'000);  // until as many are in flight
    int const there = campaign.in_flight();
    double const each = seconds_each(campaign, 2'000'000);
    fmt::print("engine: decisions        {:.2f} million a second with {} tasks in flight (target 1)\n",
               1e-6 / each, there);
  }
  {
    constexpr std::size_t pending = 1'000'000;
    std::size_t const before = mallinfo2().uordblks + mallinfo2().hblkhd;
    engine::Settings settings = wide_open(100);
    settings.backlog = pending;
    VirtualCampaign campaign{settings, pending, about_a_minute};
    campaign.run(1);
    std::size_t const bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    fmt::print("engine: memory           {} bytes a pending task (target 1024)\n", bytes / pending);
  }
  double best = 1e9;
  for (int i = 0; i < 3; ++i) best = std::min(best, each_with_pending(1'000'000) / each_with_pending(10'000));
  fmt::print("engine: 1,000,000 wait   {:.2f} x the time of a decision when 10,000 do (target 2)\n", best);
}

}  // namespace callsheet::bench
