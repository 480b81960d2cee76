// The half of the engine that starts things: preparation, admission under limits and caps, reads and
// downloads.

#include "orchestrator/engine/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::engine {

std::string_view to_string(Waited waited) {
  switch (waited) {
    case Waited::nothing:
      return "";
    case Waited::pause:
      return "the end of a pause";
    case Waited::slot:
      return "tasks in flight (limits.in_flight)";
    case Waited::model_slot:
      return "tasks in flight on its model (limits.models)";
    case Waited::home:
      return "clips that were made and not fetched yet";
    case Waited::rate:
      return "the rate (limits.rate)";
    case Waited::model_rate:
      return "the rate of its model (limits.models)";
    case Waited::slow_down:
      return "a pause the gateway asked for";
    case Waited::breaker:
      return "a model that was set aside after failures";
    case Waited::outage:
      return "a gateway that did not answer";
    case Waited::money:
      return "money held by other tasks";
    case Waited::retry:
      return "the budget for retries";
  }
  return "";
}

void Engine::start_reads(TimePoint now) {
  if (gateway_breaker_.state(now) != Breaker::State::closed) return;
  while (!to_read_.empty() && reads_.next_at(now) <= now) {
    Slot const slot = to_read_.pop();
    Task& task = tasks_[slot];
    reads_.went(reads_.take(now), now);
    if (task.phase == Phase::adopt_due) {
      become(task, Phase::adopting);
      pending_.emplace_back(adoption_of(task));
    } else {
      become(task, Phase::polling);
      pending_.emplace_back(Poll{attempt_of(task), task.gateway_id});
    }
  }
}

/// Earliest first: links die 24 hours after their task ended.
void Engine::start_fetches() {
  while (!to_fetch_.empty() && fetching_ < settings_.fetches) {
    Task& task = tasks_[to_fetch_.pop()];
    become(task, Phase::fetching);
    ++fetching_;
    pending_.emplace_back(Fetch{attempt_of(task), task.links});
  }
}

void Engine::prepare_ahead() {
  // One in-flight limit's worth of pictures is uploaded ahead: enough to keep submissions flowing, and a run
  // that stops early has not uploaded everything.
  while (!to_prepare_.empty() && prepared_ahead_ < settings_.limits.in_flight) {
    Task& task = tasks_[to_prepare_.pop()];
    become(task, Phase::preparing);
    task.ahead = true;
    ++prepared_ahead_;
    pending_.emplace_back(Prepare{task.id});
  }
}

void Engine::handle(Prepared const& event, TimePoint /*now*/) {
  std::optional<Slot> const slot = find(event.task);
  if (!slot || tasks_[*slot].phase != Phase::preparing) return;
  tasks_[*slot].prepared = true;
  tasks_[*slot].failures = 0;
  if (stop_) return finish(*slot, stop_->outcome, stop_->why);
  enqueue(*slot);
}

void Engine::handle(PrepareFailed const& event, TimePoint now) {
  std::optional<Slot> const slot = find(event.task);
  if (!slot || tasks_[*slot].phase != Phase::preparing) return;
  Task& task = tasks_[*slot];
  no_longer_ahead(task);
  Remedy const remedy = remedy_when_refused(event.failure.kind, settings_.refused_content);
  if (remedy == Remedy::stop_run) {
    stop(TaskOutcome::outstanding, event.failure.message);
  }
  if (stop_) return finish(*slot, stop_->outcome, stop_->why);
  if (remedy == Remedy::give_up || ++task.failures >= settings_.tries_most)
    return finish(*slot, TaskOutcome::failed, event.failure.message);
  become(task, Phase::backing_off);
  set_timer(*slot, now + settings_.retry.delay(task.failures, event.failure.retry_after, random_));
}

// ---- admission

/// What keeps the lane's first task from being submitted now, apart from money.
Waited Engine::closed_by(Lane const& lane, TimePoint now) const {
  if (paused_) return Waited::pause;
  if (gateway_breaker_.state(now) != Breaker::State::closed) return Waited::outage;
  if (in_flight_ >= settings_.limits.in_flight) return Waited::slot;
  if (home_is_full()) return Waited::home;
  if (lane.in_flight_most && lane.in_flight >= *lane.in_flight_most) return Waited::model_slot;
  if (!lane.breaker.admits(now)) return Waited::breaker;
  if (creates_.next_at(now) > now) return creates_.pace(now) < 1 ? Waited::slow_down : Waited::rate;
  if (lane.rate.next_at(now) > now) return lane.rate.pace(now) < 1 ? Waited::slow_down : Waited::model_rate;
  return Waited::nothing;
}

/// Empty: only an event can open it.
std::optional<TimePoint> Engine::lane_opens_at(Lane const& lane, TimePoint now) const {
  if (lane.in_flight_most && lane.in_flight >= *lane.in_flight_most) return std::nullopt;
  TimePoint opens = std::max(creates_.next_at(now), lane.rate.next_at(now));
  if (!lane.breaker.admits(now)) {
    if (lane.breaker.state(now) == Breaker::State::half_open) return std::nullopt;
    opens = std::max(opens, lane.breaker.open_until());
  }
  return opens == TimePoint::max() ? std::nullopt : std::optional{opens};
}

void Engine::admit(TimePoint now) {
  // Where nothing holds money that could come back, waiting for it is over.
  if (holding_ == 0)
    for (std::size_t group = 0; group < waiting_for_group_.size(); ++group)
      wake_group(static_cast<std::uint16_t>(group));
  // Each pass looks at the first task of every lane, best first, and leaves out lanes it found closed.
  Key const none{INT32_MAX, UINT32_MAX};
  Key after = none;
  while (pending_.empty() && !stop_) {
    Lane* best = nullptr;
    for (auto const& [model, lane] : lanes_) {
      if (lane->ready.empty()) continue;
      if (after != none && lane->ready.top_key() <= after) continue;  // found closed in this pass
      if (best == nullptr || lane->ready.top_key() < best->ready.top_key()) best = lane.get();
    }
    if (best == nullptr) return;
    Key const looked_at = best->ready.top_key();
    switch (admit_from(*best, now)) {
      case Admission::moved:
        after = none;
        break;
      case Admission::lane_closed:
        after = looked_at;
        break;
      case Admission::all_closed:
        return;
    }
  }
}

/// Does one thing with the first task of the lane, or says that nothing can go from it now.
Engine::Admission Engine::admit_from(Lane& lane, TimePoint now) {
  Slot const slot = lane.ready.top();
  Task& task = tasks_[slot];
  if ((lane.dropped || lane.breaker.state(now) == Breaker::State::open) && leave_closed_lane(slot, now))
    return Admission::moved;
  if (Waited const closed = closed_by(lane, now); closed != Waited::nothing) {
    lane.closed_by = closed;
    bool const for_all = closed == Waited::slot || closed == Waited::home || closed == Waited::outage;
    return for_all ? Admission::all_closed : Admission::lane_closed;
  }
  if (retry_has_to_wait(slot, now)) return Admission::moved;
  plan::Candidate const& candidate = candidate_of(task);
  if (!money_.within_task_cap(task.burnt, candidate.most)) {
    unqueue(slot);
    if (move_to_next_candidate(task))
      enqueue(slot);
    else
      finish(slot, TaskOutcome::failed,
             fmt::format("another attempt would exceed the task's cap of {} credits",
                         to_string(*money_.budget().per_task)));
    return Admission::moved;
  }
  switch (money_.fit(candidate.most, task.groups)) {
    case RunMoney::Fit::fits:
      if (task.waited == Waited::nothing) task.waited = lane.closed_by;
      submit(slot, now);
      if (lane.ready.empty()) lane.closed_by = Waited::nothing;
      return Admission::moved;
    case RunMoney::Fit::wait:
      // Holds of doubts alone will not come back by waiting.
      if (holding_ > 0) {
        lane.closed_by = Waited::money;
        return Admission::all_closed;
      }
      [[fallthrough]];
    case RunMoney::Fit::too_much:
      if (!make_affordable(slot))
        skip_for_run(slot, fmt::format("{} credits more would exceed the cap of {} ({} are spent or held)",
                                       to_string(candidate.most), to_string(money_.budget().cap),
                                       to_string(money_.committed())));
      return Admission::moved;
    case RunMoney::Fit::wait_group:
      if (holding_ > 0) {
        // The others need not wait with it.
        unqueue(slot);
        become(task, Phase::waiting_for_group);
        task.waited = Waited::money;
        for (std::uint16_t const group : task.groups) waiting_for_group_[group].insert(task.id);
        return Admission::moved;
      }
      [[fallthrough]];
    case RunMoney::Fit::too_much_for_group:
      if (!make_affordable(slot)) skip_for_group(slot);
      return Admission::moved;
  }
  return Admission::lane_closed;
}

/// What is not a task's first request has to find room in the retry budget.
bool Engine::retry_has_to_wait(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  if (task.ordinal == 0) return false;
  TimePoint const may = retries_.next_at(now);
  if (may <= now) return false;
  unqueue(slot);
  become(task, Phase::backing_off);
  task.waited = Waited::retry;
  set_timer(slot, may);
  return true;
}

/// Moves a task whose model is set aside to its next candidate. False: it has to wait where it is.
bool Engine::leave_closed_lane(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  std::uint16_t const before = task.candidate;
  Lane const& closed = lane_of(task);
  unqueue(slot);
  for (std::size_t tried = 0; tried < task.route->lanes.size(); ++tried) {
    if (!move_to_next_candidate(task)) {
      finish(slot, TaskOutcome::failed, "every model that could do it has been set aside");
      return true;
    }
    if (lane_of(task).breaker.state(now) != Breaker::State::open) break;
  }
  if (lane_of(task).breaker.state(now) == Breaker::State::open && !closed.dropped) task.candidate = before;
  if (task.candidate != before)
    task.why = fmt::format("{} is set aside{}", closed.model.str(),
                           closed.dropped ? "" : " after failures in a row");
  enqueue(slot);
  return task.candidate != before;
}

/// Walks the quality ladder down to a candidate that fits the caps, if the manifest asks for that.
bool Engine::make_affordable(Slot slot) {
  if (money_.budget().when_short != WhenShort::degrade) return false;
  Task& task = tasks_[slot];
  auto const& candidates = task.route->route->candidates;
  for (std::size_t i = task.candidate + 1u; i < candidates.size(); ++i) {
    plan::Candidate const& option = candidates[i];
    if (!may_do(*task.route->lanes[i], task) || money_.fit(option.most, task.groups) != RunMoney::Fit::fits ||
        !money_.within_task_cap(task.burnt, option.most))
      continue;
    unqueue(slot);
    task.why =
        fmt::format("{} credits of {} at {} no longer fit the budget", to_string(candidate_of(task).most),
                    candidate_of(task).model.str(), to_string(candidate_of(task).quality));
    task.candidate = static_cast<std::uint16_t>(i);
    enqueue(slot);
    return true;
  }
  return false;
}

void Engine::skip_for_run(Slot slot, std::string const& why) {
  finish(slot, TaskOutcome::skipped, why);
  // Strictly in order: what comes after a task that did not fit is not bought in its place.
  if (money_.budget().when_short == WhenShort::stop)
    stop(TaskOutcome::skipped, "the budget stopped the run: " + why);
}

void Engine::skip_for_group(Slot slot) {
  Task const& task = tasks_[slot];
  Credits const most = candidate_of(task).most;
  for (std::uint16_t const group : task.groups) {
    GroupCap const& cap = money_.budget().groups[group];
    if (money_.committed(group) + most <= cap.cap) continue;
    return finish(slot, TaskOutcome::skipped,
                  fmt::format("{} credits more would exceed the cap of {} for {} {} ({} are spent or held)",
                              to_string(most), to_string(cap.cap), cap.axis, cap.value,
                              to_string(money_.committed(group))));
  }
}

/// The hold ends, and `spent` stands in its place.
void Engine::end_hold(Task& task, Credits spent) {
  money_.settle(task.held, spent, task.groups);
  task.held = Credits{};
  if (task.phase != Phase::parked) --holding_;
  wake_groups(task.groups);
}

/// Money of these groups came back: who waited for it may try again.
void Engine::wake_groups(GroupSet const& groups) {
  for (std::uint16_t const group : groups) wake_group(group);
}

void Engine::wake_group(std::uint16_t group) {
  while (!waiting_for_group_[group].empty()) {
    Slot const slot = *find(*waiting_for_group_[group].begin());
    unqueue(slot);
    enqueue(slot);
  }
}

bool Engine::may_do(Lane const& lane, Task const& task) {
  return !lane.dropped &&
         std::find(task.refused_by.begin(), task.refused_by.end(), &lane) == task.refused_by.end();
}

bool Engine::move_to_next_candidate(Task& task) {
  std::size_t const count = task.route->lanes.size();
  for (std::size_t step = 1; step <= count; ++step) {
    std::size_t const candidate = (task.candidate + step) % count;
    if (!may_do(*task.route->lanes[candidate], task) ||
        !money_.within_task_cap(task.burnt, task.route->route->candidates[candidate].most))
      continue;
    task.candidate = static_cast<std::uint16_t>(candidate);
    return true;
  }
  return false;
}

void Engine::handle(InputsLost const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::submitting});
  if (!slot) return;
  Task& task = tasks_[*slot];
  left(task, now);
  take_back_hold(task);
  task.prepared = false;
  if (stop_) return finish(*slot, stop_->outcome, stop_->why);
  static_cast<void>(retry_later(*slot, event.failure, Remedy::retry, now));
}

void Engine::handle(HoldRefused const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::submitting});
  if (!slot) return;
  Task& task = tasks_[*slot];
  left(task, now);
  take_back_hold(task);
  // Whatever is queued now would be waited for and never admitted.
  if (stop_) return finish(*slot, stop_->outcome, stop_->why);
  std::uint16_t const refused = task.candidate;
  if (event.cap != CapKind::store && money_.budget().when_short == WhenShort::degrade &&
      move_to_next_candidate(task) && task.candidate > refused) {
    task.why = "a dearer candidate no longer fits: " + event.why;
    return enqueue(*slot);
  }
  switch (event.cap) {
    case CapKind::run:
    case CapKind::day:
      return skip_for_run(*slot, event.why);
    case CapKind::group:
      return finish(*slot, TaskOutcome::skipped, event.why);
    case CapKind::task:
      return finish(*slot, TaskOutcome::failed, event.why);
    case CapKind::store:
      stop(TaskOutcome::outstanding, event.why);
      return finish(*slot, TaskOutcome::outstanding, event.why);
  }
}

/// Left to the other run: whoever resumes this one finds what became of it there.
void Engine::handle(TakenElsewhere const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::submitting});
  if (!slot) return;
  Task& task = tasks_[*slot];
  left(task, now);
  take_back_hold(task);
  finish(*slot, TaskOutcome::outstanding, event.why);
}

/// The submission was called off before anything of it was recorded.
void Engine::take_back_hold(Task& task) {
  end_hold(task, {});
  --task.landed;
  --task.ordinal;
  leave_slot(task);
  end_probe(task);
}

}  // namespace callsheet::engine
