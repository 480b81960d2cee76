#include "orchestrator/forecast/duration_draw.hpp"

#include <algorithm>

namespace callsheet::forecast {

namespace {

constexpr double least_seen = 0.5;  // of an end: less than one task, faded once
constexpr std::int64_t draw_steps = 1'000'000;

}  // namespace

DurationDraw::DurationDraw(std::vector<engine::DurationKnowledge::Step> const& history) {
  double seen = 0;
  double survive = 1;
  for (auto const& step : history) {
    if (step.step >= engine::poll_grid::steps() || step.ended <= 0) continue;
    seen += step.ended;
    double const hazard = std::min(1.0, step.ended / std::max(step.came_that_far, step.ended));
    survive *= 1 - hazard;
    parts_.push_back({.until = 1 - survive,
                      .from = engine::poll_grid::edge(step.step),
                      .to = engine::poll_grid::edge(step.step + 1)});
  }
  // Nothing tells how long those take that outlived all that was seen.
  if (seen < least_seen)
    parts_.clear();
  else
    parts_.back().until = 1;
}

DurationDraw::DurationDraw(Duration least, Duration most) : parts_{{.until = 1, .from = least, .to = most}} {}

Duration DurationDraw::draw(engine::Random& random) const {
  double const at = static_cast<double>(random.between(0, draw_steps - 1)) / draw_steps;
  auto const part = std::upper_bound(parts_.begin(), parts_.end(), at,
                                     [](double value, Part const& one) { return value < one.until; });
  return Duration{random.between(part->from.count(), part->to.count())};
}

}  // namespace callsheet::forecast
