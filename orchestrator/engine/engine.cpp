// The engine's frame: tasks come in, queues and timers, tasks end. What happens to a task in between is in
// engine_needs.cpp (what it refers to has to be made first), engine_admission.cpp (before it is submitted),
// engine_attempt.cpp (the create request and the gateway's task) and engine_doubt.cpp.

#include "orchestrator/engine/engine.hpp"

#include "orchestrator/core/deadline.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::engine {

using namespace std::chrono_literals;

namespace {

constexpr Breaker::Pace gateway_pace{.failures_to_open = 8, .first_pause = 2s, .longest_pause = 60s};

}  // namespace

Engine::Engine(Settings settings, std::uint64_t seed)
    : settings_{std::move(settings)},
      random_{seed},
      money_{settings_.budget},
      creates_{settings_.limits.rate},
      reads_{settings_.reads},
      gateway_breaker_{gateway_pace},
      waiting_for_group_(settings_.budget.groups.size()) {
  for (auto const& [model, limits] : settings_.limits.models) lane(model);
}

Engine::Lane& Engine::lane(ModelId const& model) {
  std::unique_ptr<Lane>& lane = lanes_[model];
  if (!lane) {
    lane = std::make_unique<Lane>(model, positions_);
    if (auto const limits = settings_.limits.models.find(model); limits != settings_.limits.models.end()) {
      lane->rate = RateLimit{limits->second.rate};
      lane->in_flight_most = limits->second.in_flight;
    }
  }
  return *lane;
}

void Engine::restore(Earlier const& earlier) {
  for (Earlier::Money const& money : earlier.money) money_.restore(money.held, money.spent, money.groups);
  tally_ = earlier.tally;
  // A price that surprised is a surprise once, not once a process.
  for (ModelId const& model : earlier.dearer)
    set_aside(lane(model), "earlier in this run it cost more than the price list says");
  for (auto const& [model, at] : earlier.creates) {
    creates_.restore(at);
    lane(model).rate.restore(at);
  }
  if (earlier.reads_until && settings_.reads)
    for (int i = 0; i < settings_.reads->count; ++i) reads_.restore(*earlier.reads_until);
}

void Engine::restore(PollKind const& kind, std::vector<DurationKnowledge::Step> const& steps, double share) {
  std::unique_ptr<PollPlan>& plan = poll_plans_[kind];
  if (!plan) plan = std::make_unique<PollPlan>(settings_.polls);
  plan->knowledge().restore(steps, share);
}

std::map<PollKind, DurationKnowledge> Engine::knowledge() const {
  std::map<PollKind, DurationKnowledge> all;
  for (auto const& [kind, plan] : poll_plans_) all.emplace(kind, plan->knowledge());
  return all;
}

void Engine::add(TaskSpec spec, TimePoint now) {
  Slot const slot = take_in(spec);
  if (!spec.past.empty()) return resume_task(slot, spec.past, now);
  if (stop_) return finish(slot, stop_->outcome, stop_->why);
  enqueue(slot);
}

Engine::Slot Engine::take_in(TaskSpec const& spec) {
  CALLSHEET_ASSERT(spec.route && !spec.route->candidates.empty());
  std::unique_ptr<KnownRoute>& known = routes_[spec.route.get()];
  if (!known) {
    known = std::make_unique<KnownRoute>();
    known->route = spec.route;
    for (plan::Candidate const& candidate : spec.route->candidates)
      known->lanes.push_back(&lane(candidate.model));
  }
  Slot slot = static_cast<Slot>(tasks_.size());
  if (free_slots_.empty()) {
    tasks_.emplace_back();
    positions_.push_back(in_no_heap);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  if (index(spec.id) >= slot_of_.size()) slot_of_.resize(index(spec.id) + std::size_t{1}, no_slot);
  CALLSHEET_ASSERT(std::exchange(slot_of_[index(spec.id)], slot) == no_slot);
  Task& task = tasks_[slot];
  task.id = spec.id;
  task.route = known.get();
  task.priority = spec.priority;
  task.has_inputs = spec.has_inputs;
  task.duration = spec.duration;
  task.sound = spec.sound;
  task.groups = spec.groups;
  task.deadline = spec.deadline;
  task.has_needs = !spec.needs.empty();
  if (task.has_needs) needs_[spec.id] = spec.needs;
  task.needed = spec.needed;
  become(task, Phase::backing_off);
  ++live_;
  return slot;
}

void Engine::handle(Loaded const& event, TimePoint /*now*/) {
  loading_ = false;
  if (event.all) more_to_load_ = false;
  if (stop_ && std::exchange(more_to_load_, false))
    pending_.emplace_back(FinishRest{stop_->outcome, stop_->why});
}

void Engine::load_more() {
  if (!more_to_load_ || loading_ || stop_) return;
  auto const waiting = static_cast<std::size_t>(waiting_);
  if (waiting > settings_.backlog / 2) return;
  loading_ = true;
  pending_.emplace_back(Load{settings_.backlog - waiting});
}

std::optional<Action> Engine::next(TimePoint now) {
  if (pending_.empty()) {
    run_due_timers(now);
    leave_out_late(now);
    probe_gateway(now);
    start_reads(now);
    start_fetches();
    search(now);
    load_more();
    if (!stop_) {
      if (!paused_) prepare_ahead();
      admit(now);
    }
    if (pending_.empty()) finish_parked_doubts(now);
  }
  if (pending_.empty()) return std::nullopt;
  Action action = std::move(pending_.front());
  pending_.pop_front();
  return action;
}

void Engine::on(Event const& event, TimePoint now) {
  std::visit([&](auto const& e) { handle(e, now); }, event);
}

std::optional<TimePoint> Engine::wake_at(TimePoint now) const {
  std::optional<TimePoint> wake;
  auto const earlier = [&](TimePoint time) {
    if (time != TimePoint::max()) wake = wake ? std::min(*wake, time) : time;
  };
  if (!timers_.empty()) earlier(timers_.top_key().time);
  if (!deadlines_.empty()) earlier(deadlines_.begin()->first);
  if (live_ > 0 && gateway_breaker_.state(now) == Breaker::State::open)
    earlier(gateway_breaker_.open_until());
  if (gateway_breaker_.state(now) == Breaker::State::half_open && !gateway_breaker_.probing())
    earlier(reads_.next_at(now));
  if (gateway_breaker_.state(now) != Breaker::State::closed) return wake;
  if (!to_read_.empty()) earlier(std::max(reads_.next_at(now), now));
  if (search_at_ && !searching_) earlier(std::max(*search_at_, reads_.next_at(now)));
  if (!stop_ && !paused_ && in_flight_ < settings_.limits.in_flight && !home_is_full())
    for (auto const& [model, lane] : lanes_)
      if (!lane->ready.empty())
        if (std::optional<TimePoint> const opens = lane_opens_at(*lane, now); opens && *opens > now)
          earlier(*opens);
  return wake;
}

// ---- queues and timers

void Engine::become(Task& task, Phase phase) {
  auto const waits = [](Phase p) { return p <= Phase::backing_off; };
  waiting_ += (waits(phase) ? 1 : 0) - (waits(task.phase) ? 1 : 0);
  waiting_for_needs_ +=
      (phase == Phase::waiting_for_need ? 1 : 0) - (task.phase == Phase::waiting_for_need ? 1 : 0);
  auto const comes_home = [](Phase p) { return p >= Phase::to_fetch && p <= Phase::refetch_wait; };
  coming_home_ += (comes_home(phase) ? 1 : 0) - (comes_home(task.phase) ? 1 : 0);
  task.phase = phase;
  if (task.deadline == TimePoint::max()) return;
  // Pictures on their way are answered first.
  if (waits(phase) && phase != Phase::preparing)
    deadlines_.emplace(task.deadline, task.id);
  else
    deadlines_.erase({task.deadline, task.id});
}

void Engine::enqueue(Slot slot) {
  Task& task = tasks_[slot];
  if (task.has_needs && look_at_needs(slot) != Needs::met) return;
  if (task.has_inputs && !task.prepared) {
    become(task, Phase::to_prepare);
    to_prepare_.push(slot, key_of(task));
  } else {
    become(task, Phase::ready);
    lane_of(task).ready.push(slot, key_of(task));
  }
}

/// Takes a task out of whatever queue it is in.
void Engine::unqueue(Slot slot) {
  Task& task = tasks_[slot];
  if (task.phase == Phase::waiting_for_group)
    for (std::uint16_t const group : task.groups) waiting_for_group_[group].erase(task.id);
  if (positions_[slot] == in_no_heap) return;
  switch (task.phase) {
    case Phase::to_prepare:
      return to_prepare_.erase(slot);
    case Phase::ready:
      return lane_of(task).ready.erase(slot);
    case Phase::read_due:
    case Phase::adopt_due:
      return to_read_.erase(slot);
    case Phase::to_fetch:
      return to_fetch_.erase(slot);
    case Phase::waiting_for_need:
    case Phase::preparing:
    case Phase::waiting_for_group:
    case Phase::backing_off:
    case Phase::submitting:
    case Phase::in_doubt:
    case Phase::parked:
    case Phase::replaying:
    case Phase::adopting:
    case Phase::running:
    case Phase::polling:
    case Phase::fetching:
    case Phase::refetch_wait:
    case Phase::ended:
      return timers_.erase(slot);
  }
}

void Engine::set_timer(Slot slot, TimePoint when) {
  if (positions_[slot] != in_no_heap) timers_.erase(slot);
  timers_.push(slot, {when, index(tasks_[slot].id)});
}

void Engine::run_due_timers(TimePoint now) {
  while (!timers_.empty() && timers_.top_key().time <= now) on_timer(timers_.pop(), now);
}

/// What was not submitted in time is left out; what was submitted is brought home, late or not.
void Engine::leave_out_late(TimePoint now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto const [deadline, id] = *deadlines_.begin();
    finish(*find(id), TaskOutcome::skipped, fmt::format("{}, {}", past_deadline, format_rfc3339(deadline)));
  }
}

void Engine::on_timer(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  switch (task.phase) {
    case Phase::backing_off:
      return enqueue(slot);
    case Phase::in_doubt:
      return look_for_evidence(slot, now);
    case Phase::parked:
      return leave_slot(task);
    case Phase::running:
      become(task, Phase::read_due);
      return to_read_.push(slot, {now, index(task.id)});
    case Phase::refetch_wait:
      become(task, Phase::to_fetch);
      return to_fetch_.push(slot, {task.submitted, index(task.id)});
    case Phase::waiting_for_need:
    case Phase::to_prepare:
    case Phase::preparing:
    case Phase::ready:
    case Phase::waiting_for_group:
    case Phase::submitting:
    case Phase::replaying:
    case Phase::adopt_due:
    case Phase::adopting:
    case Phase::read_due:
    case Phase::polling:
    case Phase::to_fetch:
    case Phase::fetching:
    case Phase::ended:
      CALLSHEET_ASSERT(false && "a timer in a phase that has none");
  }
}

std::optional<Engine::Slot> Engine::find(TaskId id) const {
  if (index(id) >= slot_of_.size() || slot_of_[index(id)] == no_slot) return std::nullopt;
  return slot_of_[index(id)];
}

std::optional<Engine::Slot> Engine::expect(AttemptKey attempt, std::initializer_list<Phase> phases) const {
  std::optional<Slot> const slot = find(attempt.task);
  if (!slot || tasks_[*slot].ordinal != attempt.ordinal) return std::nullopt;
  bool const awaited = std::find(phases.begin(), phases.end(), tasks_[*slot].phase) != phases.end();
  return awaited ? slot : std::nullopt;
}

// ---- ends

void Engine::handle(StopRequested const& event, TimePoint /*now*/) {
  stop(TaskOutcome::outstanding, event.why);
}

/// Nothing is submitted any more; what was submitted is brought home.
void Engine::stop(TaskOutcome outcome, std::string why) {
  if (stop_) return;
  stop_ = Stop{outcome, std::move(why)};
  paused_ = false;
  for (Slot slot = 0; slot < tasks_.size(); ++slot) {
    switch (tasks_[slot].phase) {
      case Phase::waiting_for_need:
      case Phase::to_prepare:
      case Phase::ready:
      case Phase::waiting_for_group:
      case Phase::backing_off:
        finish(slot, stop_->outcome, stop_->why);
        break;
      case Phase::preparing:
      case Phase::submitting:
      case Phase::in_doubt:
      case Phase::parked:
      case Phase::replaying:
      case Phase::adopt_due:
      case Phase::adopting:
      case Phase::running:
      case Phase::read_due:
      case Phase::polling:
      case Phase::to_fetch:
      case Phase::fetching:
      case Phase::refetch_wait:
      case Phase::ended:
        break;
    }
  }
  if (!loading_ && std::exchange(more_to_load_, false))
    pending_.emplace_back(FinishRest{stop_->outcome, stop_->why});
}

void Engine::handle(PauseRequested const& /*event*/, TimePoint /*now*/) {
  paused_ = !stop_;
}

void Engine::handle(ResumeRequested const& /*event*/, TimePoint /*now*/) {
  paused_ = false;
}

void Engine::count(TaskOutcome outcome) {
  switch (outcome) {
    case TaskOutcome::made:
      ++tally_.made;
      return;
    case TaskOutcome::mismatched:
      ++tally_.mismatched;
      return;
    case TaskOutcome::failed:
      ++tally_.failed;
      return;
    case TaskOutcome::in_doubt:
      ++tally_.in_doubt;
      return;
    case TaskOutcome::skipped:
      ++tally_.skipped;
      return;
    case TaskOutcome::outstanding:
    case TaskOutcome::waiting:
    case TaskOutcome::reused:
      return;
  }
}

void Engine::finish(Slot slot, TaskOutcome outcome, std::string why) {
  Task& task = tasks_[slot];
  CALLSHEET_ASSERT(task.phase != Phase::ended);
  unqueue(slot);
  no_longer_ahead(task);
  leave_slot(task);
  end_probe(task);
  // What is left outstanding keeps its hold, and nobody waits for it any more.
  if (task.phase == Phase::parked)
    --parked_;
  else if (task.held > Credits{})
    --holding_;
  doubts_.erase(task.id);
  become(task, Phase::ended);
  if (!task.needed) count(outcome);
  tally_.spent += task.burnt + task.billed;
  TaskId const id = task.id;
  bool const needed = task.needed;
  if (task.has_needs) needs_.erase(id);
  if (needed) fates_[id] = {outcome, why};
  pending_.emplace_back(Finish{id, outcome, std::move(why)});
  slot_of_[index(id)] = no_slot;
  --live_;
  task = Task{};
  free_slots_.push_back(slot);
  if (needed) tell_waiting(id);
  if (outcome != TaskOutcome::outstanding) check_thresholds();
}

void Engine::check_thresholds() {
  if (stop_) return;
  for (Threshold const& threshold : settings_.thresholds) {
    if (!threshold.stops_the_run || tally_.ended() < threshold.grace || keeps(tally_, threshold)) continue;
    breached_ = true;
    return stop(TaskOutcome::skipped, fmt::format("the threshold `{}` was breached: it stood at {}",
                                                  threshold.text, value_text(tally_, threshold.metric)));
  }
}

void Engine::set_aside(Lane& lane, std::string why) {
  if (std::exchange(lane.dropped, true)) return;
  pending_.emplace_back(SetAside{lane.model, std::move(why)});
}

/// A probe that ends without a verdict must not keep the breaker waiting for one.
void Engine::end_probe(Task& task) {
  if (std::exchange(task.probe, false)) lane_of(task).breaker.inconclusive();
}

void Engine::no_longer_ahead(Task& task) {
  if (std::exchange(task.ahead, false)) --prepared_ahead_;
}

bool Engine::has_free_slot(Lane const& lane) const {
  return in_flight_ < settings_.limits.in_flight &&
         (!lane.in_flight_most || lane.in_flight < *lane.in_flight_most);
}

/// Links die, and what waits takes memory: no more is bought than comes home.
bool Engine::home_is_full() const {
  return coming_home_ >= settings_.limits.in_flight + settings_.fetches;
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

// ---- the gateway as a whole

void Engine::judge_gateway(Failure const& failure, TimePoint now) {
  // Only silence is held against it: a refusal, whatever it says, is an answer.
  if (failure.kind != FailureKind::not_sent && failure.kind != FailureKind::unknown)
    return gateway_answered();
  gateway_breaker_.failed(now);
  if (gateway_breaker_.state(now) != Breaker::State::closed && !away_since_) away_since_ = now;
}

void Engine::probe_gateway(TimePoint now) {
  if (live_ == 0 || gateway_breaker_.state(now) != Breaker::State::half_open || gateway_breaker_.probing())
    return;
  if (reads_.next_at(now) > now) return;
  reads_.went(reads_.take(now), now);
  gateway_breaker_.submitted(now);
  pending_.emplace_back(Probe{});
}

void Engine::handle(Probed const& event, TimePoint now) {
  if (event.gateway == Reach::there) {
    return gateway_answered();
  }
  gateway_breaker_.failed(now);
  if (away_since_ && now - *away_since_ >= settings_.outage_patience) away_too_long(now);
}

/// What is at the gateway stays there, paid for: `collect` fetches it when the gateway is back.
void Engine::away_too_long(TimePoint now) {
  std::string const why =
      fmt::format("the gateway could not be reached for {}", format_duration(settings_.outage_patience));
  stop(TaskOutcome::outstanding, why);
  search_at_.reset();
  for (Slot slot = 0; slot < tasks_.size(); ++slot) {
    Phase const phase = tasks_[slot].phase;
    if (phase == Phase::running || phase == Phase::read_due)
      finish(slot, TaskOutcome::outstanding, why + "; paid for, `collect` fetches it");
    else if (phase == Phase::in_doubt || phase == Phase::adopt_due)
      park(slot, now);
  }
}

double Engine::reads_per_task() const {
  bool const queued = waiting_ > 0 || more_to_load_;
  return queued ? settings_.reads_per_task_queued : settings_.reads_per_task;
}

}  // namespace callsheet::engine
