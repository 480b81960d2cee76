#include "tests/report/formats.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <regex>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;
using namespace std::chrono_literals;

namespace {

struct DrawnBar {
  double x, width;
  int y;
  std::string tone;
};

std::vector<DrawnBar> bars_in(std::string const& page) {
  static std::regex const bar{
      "<rect x=\"([0-9.]+)%\" y=\"([0-9]+)\" width=\"([0-9.]+)%\" height=\"[0-9]+\" data-status=\"([a-z_]+)\""};
  std::vector<DrawnBar> bars;
  for (std::sregex_iterator at{page.begin(), page.end(), bar}; at != std::sregex_iterator{}; ++at)
    bars.push_back(
        {std::stod((*at)[1].str()), std::stod((*at)[3].str()), std::stoi((*at)[2].str()), (*at)[4].str()});
  return bars;
}

/// A clip with one finished attempt for each time it was submitted and ended.
Sample run_of(std::vector<std::pair<Duration, Duration>> const& attempts) {
  Sample sample = sample_campaign();
  ClipLine clip = sample.clips.front();
  AttemptLine const finished = clip.attempts.front();
  clip.attempts.clear();
  for (auto const& [from, to] : attempts) {
    AttemptLine attempt = finished;
    attempt.key.ordinal = static_cast<std::uint32_t>(clip.attempts.size() + 1);
    attempt.submitted = sample.head.started + from;
    attempt.ended = sample.head.started + to;
    clip.attempts.push_back(attempt);
  }
  sample.clips = {clip};
  return sample;
}

bool says(std::string const& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "course of the run: what ran side by side stands one below the other, what came later in its place") {
  std::string const page = html_of(run_of({{0s, 60s}, {30s, 90s}, {60s, 100s}}));
  auto const bars = bars_in(page);
  REQUIRE(bars.size() == 3);
  CHECK(bars[0].y != bars[1].y);
  CHECK(bars[0].y == bars[2].y);
  CHECK(bars[0].x == doctest::Approx(0));
  CHECK(bars[2].x + bars[2].width == doctest::Approx(100));
  CHECK(says(page, "3 in all, at most 2 at once"));
}

TEST_CASE("course of the run: one attempt has none") {
  CHECK(says(html_of(run_of({{0s, 9s}, {9s, 10s}})), "Course of the run"));
  CHECK_FALSE(says(html_of(run_of({{0s, 9s}})), "Course of the run"));
}

TEST_CASE("course of the run: a night between two sessions does not squeeze them") {
  std::string const page = html_of(run_of({{0s, 60s}, {12h, 12h + 60s}}));
  auto const bars = bars_in(page);
  REQUIRE(bars.size() == 2);
  CHECK(bars[0].width > 40);
  CHECK(bars[1].width > 40);
  CHECK(says(page, "nothing was under way for 11 h 59 min"));
}

TEST_CASE("course of the run: a pause the gateway asked for is no failure, and waits are told") {
  Sample sample = run_of({{0s, 1s}, {5s, 60s}});
  AttemptLine& refused = sample.clips.front().attempts.front();
  refused.state = AttemptState::refused;
  refused.failure = Failure{.kind = FailureKind::rate_limited};
  sample.clips.front().attempts.back().waited = "a pause the gateway asked for";
  std::string const page = html_of(sample);
  auto const bars = bars_in(page);
  REQUIRE(bars.size() == 2);
  CHECK(bars[0].tone == "pause");
  CHECK(bars[1].tone == "finished");
  CHECK(says(page, "1 waited for a pause the gateway asked for."));
}

TEST_CASE("course of the run: whatever the times are, bars stay on the chart and off each other") {
  std::mt19937_64 random{4711};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<Duration, Duration>> attempts;
    std::size_t const number = 2 + random() % 40;
    // From instants to days, alike and apart.
    Duration const spread = std::chrono::milliseconds{1LL << (random() % 30)};
    for (std::size_t i = 0; i < number; ++i) {
      Duration const from{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread.count()))};
      Duration const length{static_cast<std::int64_t>(random() % 90'000'000) * (random() % 5 == 0 ? 0 : 1)};
      attempts.emplace_back(from, from + length);
    }
    CAPTURE(round);
    auto bars = bars_in(html_of(run_of(attempts)));
    REQUIRE(bars.size() == number);
    std::map<int, std::vector<DrawnBar>> lanes;
    for (DrawnBar const& bar : bars) {
      CHECK(bar.x >= 0);
      CHECK(bar.width > 0);
      CHECK(bar.x + bar.width <= 100.0001);
      lanes[bar.y].push_back(bar);
    }
    for (auto& [y, lane] : lanes)
      for (std::size_t i = 1; i < lane.size(); ++i)  // the narrowest that can be seen is 0.2 wide
        CHECK(lane[i].x + 0.2001 >= lane[i - 1].x + lane[i - 1].width);
  }
}
