// The half of the engine that starts things: timers, downloads, preparation, admission.

#include "orchestrator/engine/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::engine {

void Engine::run_due_timers(TimePoint now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    TaskId const id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    timer_of_.erase(id);
    switch (at(id).phase) {
      case Phase::backing_off:
        enqueue(id);
        break;
      case Phase::in_doubt:
        resolve_doubt(id, now);
        break;
      case Phase::running:
        poll(id, now);
        break;
      case Phase::refetch_wait:
        at(id).phase = Phase::to_fetch;
        to_fetch_.push_back(id);
        break;
      case Phase::to_prepare:
      case Phase::preparing:
      case Phase::ready:
      case Phase::submitting:
      case Phase::replaying:
      case Phase::polling:
      case Phase::to_fetch:
      case Phase::fetching:
      case Phase::ended:
        CALLSHEET_ASSERT(!"a timer in a phase that has none");
        break;
    }
  }
}

void Engine::start_fetches() {
  while (!to_fetch_.empty() && fetching_ < settings_.fetches) {
    TaskId const id = to_fetch_.front();
    to_fetch_.pop_front();
    Task& task = at(id);
    task.phase = Phase::fetching;
    ++fetching_;
    pending_.emplace_back(Fetch{{id, task.ordinal}, task.links});
  }
}

void Engine::prepare_ahead() {
  // One in-flight limit's worth of pictures is uploaded ahead: enough to keep submissions flowing, and a run
  // that stops early has not uploaded everything.
  while (!to_prepare_.empty() && prepared_ahead_ < settings_.limits.in_flight) {
    TaskId const id = to_prepare_.begin()->second;
    to_prepare_.erase(to_prepare_.begin());
    at(id).phase = Phase::preparing;
    at(id).ahead = true;
    ++prepared_ahead_;
    pending_.emplace_back(Prepare{id});
  }
}

std::optional<TimePoint> Engine::lane_opens_at(Lane const& lane, TimePoint now) const {
  TimePoint opens = creates_paused_until_;
  if (creates_) opens = std::max(opens, creates_->next_at());
  if (lane.in_flight_most && lane.in_flight >= *lane.in_flight_most) return std::nullopt;
  if (lane.rate) opens = std::max(opens, lane.rate->next_at());
  if (!lane.breaker.admits(now)) {
    if (lane.breaker.probing()) return std::nullopt;
    opens = std::max(opens, lane.breaker.open_until());
  }
  return opens;
}

void Engine::admit(TimePoint now) {
  std::set<ModelId> closed;
  while (in_flight_ < settings_.limits.in_flight && pending_.empty() && !stopped_) {
    ModelId const* best = nullptr;
    Key best_key{};
    for (auto const& [model, lane] : lanes_) {
      if (lane.ready.empty() || closed.contains(model)) continue;
      if (best == nullptr || *lane.ready.begin() < best_key) {
        best = &model;
        best_key = *lane.ready.begin();
      }
    }
    if (best == nullptr) return;
    ModelId const model = *best;
    switch (admit_from(model, now)) {
      case Admission::moved:
        break;
      case Admission::lane_closed:
        closed.insert(model);
        break;
      case Admission::all_closed:
        return;
    }
  }
}

/// Does one thing with the first task of the lane, or says that nothing can go from it now.
Engine::Admission Engine::admit_from(ModelId const& model, TimePoint now) {
  Lane& lane = lanes_[model];
  TaskId const id = lane.ready.begin()->second;
  Task& task = at(id);
  if ((lane.dropped || lane.breaker.state(now) == Breaker::State::open) && leave_closed_lane(id, now))
    return Admission::moved;
  std::optional<TimePoint> const opens = lane_opens_at(lane, now);
  if (!opens || *opens > now) return Admission::lane_closed;
  if (!money_.within_task_cap(task.burnt, candidate_of(task).most)) {
    unqueue(id);
    if (move_to_next_candidate(id))
      enqueue(id);
    else
      finish(id, TaskOutcome::failed,
             fmt::format("another attempt would exceed the task's cap of {} credits",
                         to_string(*money_.budget().per_task)));
    return Admission::moved;
  }
  switch (money_.fit(candidate_of(task).most)) {
    case RunMoney::Fit::fits:
      submit(id, now);
      return Admission::moved;
    case RunMoney::Fit::wait:
      // Holds of doubts alone will not come back by waiting.
      if (in_flight_ > 0) return Admission::all_closed;
      break;
    case RunMoney::Fit::short_:
      break;
  }
  if (!make_affordable(id))
    skip_for_budget(id, fmt::format("{} credits more would exceed the cap of {} ({} are spent or held)",
                                    to_string(candidate_of(task).most), to_string(money_.budget().cap),
                                    to_string(money_.committed())));
  return Admission::moved;
}

/// Moves a task whose model is set aside to its next candidate. False: it has to wait where it is.
bool Engine::leave_closed_lane(TaskId id, TimePoint now) {
  Task& task = at(id);
  std::size_t const before = task.candidate;
  unqueue(id);
  for (std::size_t tried = 0; tried < task.spec.route.candidates.size(); ++tried) {
    if (!move_to_next_candidate(id)) {
      finish(id, TaskOutcome::failed, "every model that could do it has been set aside");
      return true;
    }
    if (lane_of(task).breaker.state(now) != Breaker::State::open) break;
  }
  if (lane_of(task).breaker.state(now) == Breaker::State::open &&
      !lanes_[task.spec.route.candidates[before].model].dropped)
    task.candidate = before;
  enqueue(id);
  return task.candidate != before;
}

/// Walks the quality ladder down to a candidate that fits the cap, if the manifest asks for that.
bool Engine::make_affordable(TaskId id) {
  if (money_.budget().when_short != WhenShort::degrade) return false;
  Task& task = at(id);
  auto const& candidates = task.spec.route.candidates;
  for (std::size_t i = task.candidate + 1; i < candidates.size(); ++i) {
    plan::Candidate const& option = candidates[i];
    if (lanes_[option.model].dropped || money_.fit(option.most) != RunMoney::Fit::fits ||
        !money_.within_task_cap(task.burnt, option.most))
      continue;
    unqueue(id);
    task.candidate = i;
    enqueue(id);
    return true;
  }
  return false;
}

void Engine::skip_for_budget(TaskId id, std::string const& why) {
  finish(id, TaskOutcome::skipped, why);
  if (money_.budget().when_short != WhenShort::stop || stopped_) return;
  // Strictly in order: what comes after a task that did not fit is not bought in its place.
  std::string const stopped = "the budget stopped the run: " + why;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    TaskId const other{static_cast<std::uint32_t>(i)};
    Phase const phase = at(other).phase;
    if (phase == Phase::to_prepare || phase == Phase::ready || phase == Phase::backing_off)
      finish(other, TaskOutcome::skipped, stopped);
  }
  stopped_ = stopped;
}

std::optional<TimePoint> Engine::wake_at(TimePoint now) const {
  std::optional<TimePoint> wake;
  auto const earlier = [&](TimePoint time) { wake = wake ? std::min(*wake, time) : time; };
  if (!timers_.empty()) earlier(timers_.begin()->first);
  if (!stopped_ && in_flight_ < settings_.limits.in_flight)
    for (auto const& [model, lane] : lanes_)
      if (!lane.ready.empty())
        if (std::optional<TimePoint> const opens = lane_opens_at(lane, now); opens && *opens > now)
          earlier(*opens);
  return wake;
}

Standing Engine::standing() const {
  Standing standing{
      .waiting = 0, .in_flight = in_flight_, .fetching = fetching_ + static_cast<int>(to_fetch_.size())};
  standing.waiting = live_ - standing.in_flight - standing.fetching - static_cast<int>(parked_doubts_.size());
  return standing;
}

void Engine::enqueue(TaskId id) {
  Task& task = at(id);
  if (task.spec.has_inputs && !task.prepared) {
    task.phase = Phase::to_prepare;
    to_prepare_.insert(key_of(id));
  } else {
    task.phase = Phase::ready;
    lane_of(task).ready.insert(key_of(id));
  }
}

void Engine::unqueue(TaskId id) {
  Task& task = at(id);
  if (task.phase == Phase::to_prepare) to_prepare_.erase(key_of(id));
  if (task.phase == Phase::ready) lane_of(task).ready.erase(key_of(id));
  if (auto const timer = timer_of_.find(id); timer != timer_of_.end()) {
    timers_.erase({timer->second, id});
    timer_of_.erase(timer);
  }
}

/// A probe that ends without a verdict must not keep the breaker waiting for one.
void Engine::end_probe(Task& task) {
  if (std::exchange(task.probe, false)) lane_of(task).breaker.inconclusive();
}

void Engine::no_longer_ahead(Task& task) {
  if (std::exchange(task.ahead, false)) --prepared_ahead_;
}

void Engine::take_slot(Task& task) {
  if (std::exchange(task.in_slot, true)) return;
  ++in_flight_;
  ++lane_of(task).in_flight;
}

void Engine::leave_slot(Task& task) {
  if (!std::exchange(task.in_slot, false)) return;
  --in_flight_;
  --lane_of(task).in_flight;
}

void Engine::set_timer(TaskId id, TimePoint when) {
  if (auto const old = timer_of_.find(id); old != timer_of_.end()) timers_.erase({old->second, id});
  timers_.insert({when, id});
  timer_of_[id] = when;
}

}  // namespace callsheet::engine
