#include "tools/bench/benches.hpp"
#include "tools/bench/virtual_campaign.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include <fmt/format.h>

namespace callsheet::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t scheduled_tasks = 2'000;
constexpr int places = 500;

/// Whoever is free takes the next task, and nothing takes time but the tasks.
Duration list_schedule(std::vector<Duration> const& durations) {
  std::priority_queue<Duration, std::vector<Duration>, std::greater<>> free_at;
  for (int i = 0; i < places; ++i) free_at.push(Duration{0});
  Duration last{0};
  for (Duration const duration : durations) {
    Duration const end = free_at.top() + duration;
    free_at.pop();
    free_at.push(end);
    last = std::max(last, end);
  }
  return last;
}

}  // namespace

void makespan_bench() {
  constexpr int seeds = 30;
  double sum = 0;
  double worst = 0;
  double reads = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    std::mt19937 random{seed};
    std::uniform_int_distribution<int> milliseconds{1'000, 3'000};
    std::vector<Duration> durations;
    for (std::size_t i = 0; i < scheduled_tasks; ++i)
      durations.push_back(std::chrono::milliseconds{milliseconds(random)});
    engine::Settings settings;
    settings.limits.in_flight = places;
    settings.fetches = 64;
    settings.budget.cap = Credits::whole(1'000'000);
    settings.polls = {.least = 10ms, .most = 2s};  // as for a gateway on this machine
    settings.reads_per_task = 4.0;
    settings.reads_per_task_queued = 7.0;
    VirtualCampaign campaign{settings, scheduled_tasks, [&](std::size_t n) { return durations[n]; }, 1ms};
    campaign.run();
    double const ratio = static_cast<double>(campaign.elapsed().count()) /
                         static_cast<double>(list_schedule(durations).count());
    sum += ratio;
    worst = std::max(worst, ratio);
    for (VirtualCampaign::Made const& made : campaign.made()) reads += made.reads;
  }
  fmt::print("makespan: {} tasks of 2 s +- 50 %, {} in flight, nothing known beforehand, {} seeds\n",
             scheduled_tasks, places, seeds);
  fmt::print(
      "makespan: mean {:.3f}, worst {:.3f} x a list schedule (target 1.05); {:.2f} reads a task (target 6)\n",
      sum / seeds, worst, reads / seeds / scheduled_tasks);
}

}  // namespace callsheet::bench
