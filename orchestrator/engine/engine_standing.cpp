// How a run stands, for display: nothing here decides anything.

#include "orchestrator/engine/engine.hpp"

#include <algorithm>
#include <utility>

namespace callsheet::engine {

Standing Engine::standing() const {
  Standing standing{.waiting = waiting_,
                    .in_flight = in_flight_,
                    .fetching = fetching_ + static_cast<int>(to_fetch_.size()),
                    .doubts = 0,
                    .doubts_block_until = {},
                    .away = {}};
  if (away_since_) standing.away = {*away_since_, *away_since_ + settings_.outage_patience};
  TimePoint first = TimePoint::max();
  for (TaskId const id : doubts_) {
    Task const& task = tasks_[*find(id)];
    if (!task.in_slot) continue;
    ++standing.doubts;
    first = std::min(first, task.slot_until);
  }
  bool const others_wait = waiting_ > 0 && !stop_ && !paused_;
  if (others_wait && standing.doubts >= settings_.limits.in_flight) standing.doubts_block_until = first;
  return standing;
}

std::vector<Queue> Engine::queues(TimePoint now) const {
  std::vector<Queue> queues;
  for (auto const& [model, lane] : lanes_) {
    if (lane->ready.empty()) continue;
    Waited const closed = closed_by(*lane, now);
    queues.push_back({.model = model,
                      .tasks = lane->ready.size(),
                      .waits_for = closed == Waited::nothing ? lane->closed_by : closed});
  }
  return queues;
}

std::vector<ModelStanding> Engine::models(TimePoint now) const {
  using enum ModelStanding::Health;
  std::vector<ModelStanding> models;
  for (auto const& [model, lane] : lanes_) {
    Breaker::State const state = lane->breaker.state(now);
    if (lane->ready.empty() && lane->in_flight == 0 && !lane->dropped && state == Breaker::State::closed)
      continue;
    ModelStanding standing{.model = model,
                           .in_flight = lane->in_flight,
                           .waiting = lane->ready.size(),
                           .pace = lane->rate.pace(now)};
    if (!lane->ready.empty()) {
      Waited const closed = closed_by(*lane, now);
      standing.waits_for = closed == Waited::nothing ? lane->closed_by : closed;
    }
    if (lane->dropped) {
      standing.health = dropped;
    } else if (state == Breaker::State::open) {
      standing.health = pausing;
      standing.asked_again = lane->breaker.open_until();
    } else if (state == Breaker::State::half_open) {
      standing.health = tried;
    }
    models.push_back(std::move(standing));
  }
  return models;
}

}  // namespace callsheet::engine
