#include "tools/bench/benches.hpp"
#include "tools/bench/virtual_campaign.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include <fmt/format.h>

namespace callsheet::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t polled_tasks = 3'000;
constexpr std::size_t cold = 50;  ///< the first ones, while nothing is known

struct Pattern {
  char const* name;
  std::optional<std::chrono::seconds> announced;
  std::function<double(std::mt19937&)> seconds;
};

std::vector<Pattern> patterns() {
  auto const log_normal = [](double median, double sigma) {
    return [=](std::mt19937& random) {
      return std::lognormal_distribution<double>{std::log(median), sigma}(random);
    };
  };
  return {
      {"log-normal, 90 s, sigma 0.35", {}, log_normal(90, 0.35)},
      {"the same, announced as 90 s", 90s, log_normal(90, 0.35)},
      {"the same, announced as 300 s", 300s, log_normal(90, 0.35)},
      {"log-normal, 240 s, sigma 0.15", {}, log_normal(240, 0.15)},
      {"two peaks, 60 s and 180 s",
       {},
       [=](std::mt19937& random) {
         return std::bernoulli_distribution{0.3}(random) ? log_normal(180, 0.1)(random)
                                                         : log_normal(60, 0.1)(random);
       }},
      {"long tail, 45 s and up",
       {},
       [](std::mt19937& random) {
         double const u = std::uniform_real_distribution<double>{0.001, 1}(random);
         return std::min(3'600.0, 45 / std::pow(u, 1 / 2.5));
       }},
      {"anywhere from 60 s to 120 s",
       {},
       [](std::mt19937& random) {
         return std::uniform_real_distribution<double>{60, 120}(random);
       }},
  };
}

struct Cost {
  double reads = 0;
  double delay = 0;

  void add(double its_reads, double unseen, double duration) {
    reads += its_reads;
    delay += unseen;
    time_ += duration;
    ++tasks_;
  }
  [[nodiscard]] double mean_reads() const { return reads / tasks_; }
  /// As a share of the durations.
  [[nodiscard]] double mean_delay() const { return delay / time_; }

 private:
  double tasks_ = 0;
  double time_ = 0;
};

void print(char const* who, Cost const& cost) {
  fmt::print("  {:<34} {:>6.2f} reads {:>6.2f} % late {:>7.2f} product\n", who, cost.mean_reads(),
             100 * cost.mean_delay(), 100 * cost.mean_delay() * cost.mean_reads());
}

/// Reads a task after each of the waits in turn.
Cost by_rule(std::vector<double> const& durations, std::function<double(int reads)> const& wait) {
  Cost cost;
  for (double const duration : durations) {
    double age = 0;
    int reads = 0;
    while (age < duration) age += wait(reads++);
    cost.add(reads, age - duration, duration);
  }
  return cost;
}

/// Campaigns of `together` tasks one after the other, each knowing what the earlier ones have shown.
void by_engine(Pattern const& pattern, std::vector<double> const& durations, char const* who,
               std::size_t together, int at_once) {
  engine::Settings settings;
  settings.limits.in_flight = at_once;
  settings.budget.cap = Credits::whole(1'000'000);
  settings.fetches = 64;
  settings.polls = {.least = 3s, .most = 10min};  // as for the real gateway
  settings.reads = Rate{.count = 20, .window = 1s};
  Cost first;
  Cost rest;
  engine::DurationKnowledge known;
  for (std::size_t from = 0; from < durations.size(); from += together) {
    VirtualCampaign campaign{
        settings, together, [&](std::size_t n) {
          return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{durations[from + n]});
        }};
    if (pattern.announced) campaign.announce(*pattern.announced);
    campaign.know(known);
    campaign.run();
    known = campaign.knowledge();
    for (std::size_t i = 0; i < together; ++i) {
      VirtualCampaign::Made const& made = campaign.made()[i];
      (from + i < cold ? first : rest)
          .add(made.reads, static_cast<double>(made.unseen.count()),
               static_cast<double>(made.duration.count()));
    }
  }
  print(fmt::format("{}, first {}", who, cold).c_str(), first);
  print(who, rest);
}

}  // namespace

void polling_bench() {
  fmt::print(
      "polling: synthetic durations, {} tasks each; target: below 4 reads and 5 % late, once it knows\n",
      polled_tasks);
  for (Pattern const& pattern : patterns()) {
    std::mt19937 random{7};
    std::vector<double> durations(polled_tasks);
    for (double& duration : durations) duration = pattern.seconds(random);
    fmt::print("{}\n", pattern.name);
    by_engine(pattern, durations, "callsheet, others waiting", polled_tasks, 20);
    by_engine(pattern, durations, "callsheet, none waiting", 50, 50);
    print("every 5 s", by_rule(durations, [](int /*reads*/) { return 5.0; }));
    std::uniform_real_distribution<double> jitter{0.9, 1.1};
    print("1 s, doubled up to 60 s, jitter", by_rule(durations, [&](int reads) {
            return jitter(random) * std::min(60.0, std::pow(2.0, reads));
          }));
  }
}

}  // namespace callsheet::bench
