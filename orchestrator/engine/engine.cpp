#include "orchestrator/engine/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::engine {

using namespace std::chrono_literals;

Engine::Engine(Settings settings, std::uint64_t seed)
    : settings_{std::move(settings)}, random_{seed}, money_{settings_.budget} {
  if (settings_.limits.rate) creates_.emplace(*settings_.limits.rate);
  if (settings_.reads) reads_.emplace(*settings_.reads);
  for (auto const& [model, limits] : settings_.limits.models) {
    Lane& lane = lanes_[model];
    if (limits.rate) lane.rate.emplace(*limits.rate);
    lane.in_flight_most = limits.in_flight;
  }
}

TaskId Engine::add(TaskSpec spec) {
  CALLSHEET_ASSERT(!spec.route.candidates.empty());
  TaskId const id{static_cast<std::uint32_t>(tasks_.size())};
  tasks_.emplace_back().spec = std::move(spec);
  ++live_;
  for (plan::Candidate const& candidate : at(id).spec.route.candidates) lanes_.try_emplace(candidate.model);
  if (at(id).spec.past.empty())
    enqueue(id);
  else
    restore(id, TimePoint::min());
  return id;
}

TaskId Engine::add_ended(std::vector<PastAttempt> const& past) {
  for (PastAttempt const& attempt : past) money_.restore(attempt.held, attempt.spent);
  TaskId const id{static_cast<std::uint32_t>(tasks_.size())};
  tasks_.emplace_back().phase = Phase::ended;
  return id;
}

void Engine::restore(TaskId id, TimePoint from) {
  Task& task = at(id);
  for (PastAttempt const& past : task.spec.past) {
    money_.restore(past.held, past.spent);
    if (past.state != AttemptState::refused) ++task.landed;
    if (past.state == AttemptState::failed) task.burnt += past.spent;
    task.ordinal = std::max(task.ordinal, past.ordinal);
  }
  PastAttempt const& last =
      *std::max_element(task.spec.past.begin(), task.spec.past.end(),
                        [](auto const& a, auto const& b) { return a.ordinal < b.ordinal; });
  auto const& candidates = task.spec.route.candidates;
  auto const used = std::find_if(candidates.begin(), candidates.end(), [&](plan::Candidate const& c) {
    return c.model == last.candidate.model && c.quality == last.candidate.quality;
  });
  if (used != candidates.end()) task.candidate = static_cast<std::size_t>(used - candidates.begin());
  task.submitted = last.submitted;
  task.id = last.id;
  task.held = last.held;
  switch (last.state) {
    case AttemptState::submitting:
      pending_.emplace_back(MarkInDoubt{
          {id, task.ordinal},
          {.kind = FailureKind::unknown, .message = "the program ended while the request was on its way"}});
      [[fallthrough]];
    case AttemptState::in_doubt:
      take_slot(task);
      task.phase = Phase::in_doubt;
      set_timer(id, from);
      return;
    case AttemptState::finished:
      task.settled = true;
      [[fallthrough]];
    case AttemptState::running:
      take_slot(task);
      task.phase = Phase::running;
      set_timer(id, from);
      return;
    case AttemptState::failed:
    case AttemptState::refused:
      enqueue(id);
      return;
  }
}

std::optional<Action> Engine::next(TimePoint now) {
  if (pending_.empty()) {
    run_due_timers(now);
    start_fetches();
    if (!stopped_) {
      prepare_ahead();
      admit(now);
    }
    if (pending_.empty()) finish_parked_doubts();
  }
  if (pending_.empty()) return std::nullopt;
  Action action = std::move(pending_.front());
  pending_.pop_front();
  return action;
}

void Engine::on(Event const& event, TimePoint now) {
  std::visit([&](auto const& e) { handle(e, now); }, event);
}

Engine::Task* Engine::expect(AttemptKey attempt, std::initializer_list<Phase> phases) {
  if (index(attempt.task) >= tasks_.size()) return nullptr;
  Task& task = at(attempt.task);
  if (attempt.ordinal != task.ordinal) return nullptr;
  return std::find(phases.begin(), phases.end(), task.phase) != phases.end() ? &task : nullptr;
}

// ---- before anything was sent

void Engine::handle(Prepared const& event, TimePoint /*now*/) {
  Task& task = at(event.task);
  if (task.phase != Phase::preparing) return;
  task.prepared = true;
  task.failures = 0;
  if (stopped_)
    finish(event.task, TaskOutcome::outstanding, *stopped_);
  else
    enqueue(event.task);
}

void Engine::handle(PrepareFailed const& event, TimePoint now) {
  Task& task = at(event.task);
  if (task.phase != Phase::preparing) return;
  no_longer_ahead(task);
  Remedy const remedy = remedy_when_refused(event.failure.kind);
  if (remedy == Remedy::stop_run) stop(event.failure.message);
  if (stopped_) return finish(event.task, TaskOutcome::outstanding, *stopped_);
  if (remedy == Remedy::give_up || ++task.failures >= settings_.tries_most)
    return finish(event.task, TaskOutcome::failed, event.failure.message);
  task.phase = Phase::backing_off;
  set_timer(event.task, now + settings_.retry.delay(task.failures, event.failure.retry_after, random_));
}

void Engine::handle(InputsLost const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::submitting});
  if (task == nullptr) return;
  take_back_hold(*task);
  task->prepared = false;
  if (stopped_) return finish(event.attempt.task, TaskOutcome::outstanding, *stopped_);
  retry_later(event.attempt.task, event.failure, Remedy::retry, now);
}

/// The submission was called off before anything of it was recorded.
void Engine::take_back_hold(Task& task) {
  money_.release(task.held);
  task.held = Credits{};
  --task.landed;
  leave_slot(task);
  end_probe(task);
}

void Engine::handle(HoldRefused const& event, TimePoint /*now*/) {
  Task* task = expect(event.attempt, {Phase::submitting});
  if (task == nullptr) return;
  take_back_hold(*task);
  std::size_t const refused = task->candidate;
  if (money_.budget().when_short == WhenShort::degrade && move_to_next_candidate(event.attempt.task) &&
      task->candidate > refused)
    return enqueue(event.attempt.task);
  skip_for_budget(event.attempt.task, event.why);
}

// ---- the create request

void Engine::submit(TaskId id, TimePoint now) {
  Task& task = at(id);
  plan::Candidate const& candidate = candidate_of(task);
  unqueue(id);
  no_longer_ahead(task);
  money_.hold(candidate.most);
  task.held = candidate.most;
  task.phase = Phase::submitting;
  task.submitted = now;
  task.settled = false;
  ++task.ordinal;
  ++task.landed;
  take_slot(task);
  if (creates_) creates_->take(now);
  Lane& lane = lane_of(task);
  if (lane.rate) lane.rate->take(now);
  lane.breaker.submitted(now);
  task.probe = lane.breaker.probing();
  pending_.emplace_back(Submit{{id, task.ordinal}, candidate});
}

void Engine::handle(Submitted const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::submitting, Phase::replaying, Phase::in_doubt});
  if (task == nullptr) return;
  parked_doubts_.erase(event.attempt.task);
  if (!task->in_slot) take_slot(*task);
  Lane& lane = lane_of(*task);
  if (event.reserved && *event.reserved > candidate_of(*task).most) lane.dropped = true;
  task->phase = Phase::running;
  task->id = event.id;
  task->failures = 0;
  set_timer(event.attempt.task, now + settings_.polls.first(event.estimated_time, random_));
}

void Engine::handle(Refused const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::submitting, Phase::replaying});
  if (task == nullptr) return;
  if (task->phase == Phase::replaying) {
    // A replay that is turned away, for whatever reason, does not say what became of the first request.
    handle(SubmitUnknown{event.attempt, event.failure}, now);
    return;
  }
  money_.release(task->held);
  task->held = Credits{};
  --task->landed;
  leave_slot(*task);
  pending_.emplace_back(Release{event.attempt, event.failure});
  after_refusal(event.attempt.task, event.failure, now);
}

void Engine::after_refusal(TaskId id, Failure const& failure, TimePoint now) {
  Remedy const remedy = remedy_when_refused(failure.kind);
  Lane& lane = lane_of(at(id));
  if (remedy == Remedy::stop_run) stop(failure.message);
  if (remedy == Remedy::drop_model) lane.dropped = true;
  if (remedy == Remedy::fall_back)
    lane.breaker.failed(now);
  else
    lane.breaker.inconclusive();
  if (stopped_) return finish(id, TaskOutcome::outstanding, *stopped_);
  if (remedy == Remedy::retry_unpaid) {
    TimePoint const pause_end = now + failure.retry_after.value_or(1000ms);
    creates_paused_until_ = std::max(creates_paused_until_, pause_end);
  }
  if (remedy == Remedy::give_up) return finish(id, TaskOutcome::failed, failure.message);
  if (remedy == Remedy::fall_back || remedy == Remedy::drop_model) return fall_back(id, failure, now);
  retry_later(id, failure, remedy, now);
}

void Engine::fall_back(TaskId id, Failure const& failure, TimePoint now) {
  std::size_t const before = at(id).candidate;
  if (!move_to_next_candidate(id))
    return finish(id, TaskOutcome::failed,
                  fmt::format("no model is left that may do it; the last said: {}", failure.message));
  if (at(id).candidate > before) return enqueue(id);
  retry_later(id, failure, Remedy::retry, now);
}

bool Engine::move_to_next_candidate(TaskId id) {
  Task& task = at(id);
  std::size_t const count = task.spec.route.candidates.size();
  for (std::size_t step = 1; step <= count; ++step) {
    std::size_t const candidate = (task.candidate + step) % count;
    plan::Candidate const& option = task.spec.route.candidates[candidate];
    if (lanes_[option.model].dropped || !money_.within_task_cap(task.burnt, option.most)) continue;
    task.candidate = candidate;
    return true;
  }
  return false;
}

void Engine::retry_later(TaskId id, Failure const& failure, Remedy remedy, TimePoint now) {
  Task& task = at(id);
  int const most = remedy == Remedy::retry_unpaid ? settings_.rate_limited_most : settings_.tries_most;
  if (++task.failures >= most)
    return finish(id, TaskOutcome::failed,
                  fmt::format("given up after {} tries; the last: {}", task.failures, failure.message));
  task.phase = Phase::backing_off;
  set_timer(id, now + settings_.retry.delay(task.failures, failure.retry_after, random_));
}

// ---- doubt

void Engine::handle(SubmitUnknown const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::submitting, Phase::replaying});
  if (task == nullptr) return;
  lane_of(*task).breaker.inconclusive();
  if (task->phase == Phase::submitting) {
    pending_.emplace_back(MarkInDoubt{event.attempt, event.failure});
    task->failures = 0;
  }
  ++task->failures;
  task->phase = Phase::in_doubt;
  set_timer(event.attempt.task,
            now + settings_.retry.delay(task->failures, event.failure.retry_after, random_));
}

void Engine::resolve_doubt(TaskId id, TimePoint /*now*/) {
  Task& task = at(id);
  if (settings_.idempotency == Idempotency::honoured && task.failures < settings_.replays_most) {
    task.phase = Phase::replaying;
    pending_.emplace_back(Replay{{id, task.ordinal}});
    return;
  }
  // It keeps its hold but not its slot: evidence may still come, and the others need not wait for it.
  leave_slot(task);
  parked_doubts_.insert(id);
}

void Engine::handle(IdempotencySeen const& /*event*/, TimePoint now) {
  if (settings_.idempotency == Idempotency::honoured) return;
  settings_.idempotency = Idempotency::honoured;
  for (TaskId const id : std::exchange(parked_doubts_, {})) set_timer(id, now);
}

void Engine::finish_parked_doubts() {
  if (parked_doubts_.empty() || live_ != static_cast<int>(parked_doubts_.size())) return;
  for (TaskId const id : std::exchange(parked_doubts_, {}))
    finish(id, TaskOutcome::in_doubt,
           "the create request may have reached the gateway and no answer came; it is not sent again, "
           "because that "
           "could pay twice");
}

// ---- the gateway's task

void Engine::poll(TaskId id, TimePoint now) {
  Task& task = at(id);
  if (reads_) {
    if (TimePoint const may = reads_->next_at(); may > now) return set_timer(id, may);
    reads_->take(now);
  }
  task.phase = Phase::polling;
  pending_.emplace_back(Poll{{id, task.ordinal}, task.id});
}

void Engine::handle(Polled const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::polling});
  if (task == nullptr) return;
  TaskId const id = event.attempt.task;
  // Once the clip is paid for, failures count the tries to fetch it: reading the task again is one of them.
  if (!task->settled) task->failures = 0;
  if (event.progress == Progress::running) {
    if (now - task->submitted > settings_.patience)
      return finish(id, TaskOutcome::outstanding,
                    "still running at the gateway after a long time; `resume` collects it");
    task->phase = Phase::running;
    return set_timer(id, now + settings_.polls.next(now - task->submitted, random_));
  }
  leave_slot(*task);
  if (event.progress == Progress::failed) {
    Credits const spent = event.refund_seen ? Credits{} : task->held;
    if (!task->settled) {
      money_.settle(task->held, spent);
      task->burnt += spent;
      task->held = Credits{};
      pending_.emplace_back(
          BookFailure{event.attempt, event.failure, event.refund_seen ? Refund::seen : Refund::expected});
    }
    return after_failed_task(id, event.failure, now);
  }
  lane_of(*task).breaker.succeeded();
  if (!task->settled) {
    Credits const billed = event.charged.value_or(candidate_of(*task).expected);
    money_.settle(task->held, billed);
    task->held = Credits{};
    task->settled = true;
    pending_.emplace_back(Settle{event.attempt, billed});
  }
  task->links = event.links;
  task->phase = Phase::to_fetch;
  to_fetch_.push_back(id);
}

void Engine::after_failed_task(TaskId id, Failure const& failure, TimePoint now) {
  Task& task = at(id);
  Remedy const remedy = remedy_when_failed(failure.kind);
  if (remedy == Remedy::fall_back)
    lane_of(task).breaker.failed(now);
  else
    lane_of(task).breaker.succeeded();  // the model answered; the fault lies in the request
  if (remedy == Remedy::give_up || task.settled) return finish(id, TaskOutcome::failed, failure.message);
  if (stopped_) return finish(id, TaskOutcome::outstanding, *stopped_);
  if (task.landed >= settings_.landed_most)
    return finish(id, TaskOutcome::failed,
                  fmt::format("given up after {} attempts; the last: {}", task.landed, failure.message));
  if (remedy == Remedy::fall_back) return fall_back(id, failure, now);
  retry_later(id, failure, remedy, now);
}

void Engine::handle(PollFailed const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::polling});
  if (task == nullptr) return;
  ++task->failures;
  TaskId const id = event.attempt.task;
  // The gateway gave that id itself; that it does not know it now may be a passing fault. The money stays
  // held.
  bool const unknown_for_long =
      event.failure.kind == FailureKind::task_unknown && task->failures >= settings_.unknown_tries_most;
  bool const key_refused = event.failure.kind == FailureKind::unauthorized;
  if (key_refused) stop(event.failure.message);
  if (key_refused || unknown_for_long || now - task->submitted > settings_.patience) {
    leave_slot(*task);
    return finish(id, TaskOutcome::outstanding,
                  fmt::format("paid for, but the gateway could not be read: {}; `resume` collects it",
                              event.failure.message));
  }
  task->phase = Phase::running;
  set_timer(id, now + settings_.retry.delay(task->failures, event.failure.retry_after, random_));
}

// ---- the clip

void Engine::handle(Fetched const& event, TimePoint /*now*/) {
  if (expect(event.attempt, {Phase::fetching}) == nullptr) return;
  --fetching_;
  finish(event.attempt.task, TaskOutcome::made, "");
}

void Engine::handle(FetchFailed const& event, TimePoint now) {
  Task* task = expect(event.attempt, {Phase::fetching});
  if (task == nullptr) return;
  --fetching_;
  if (++task->failures >= settings_.fetch_tries_most)
    return finish(
        event.attempt.task, TaskOutcome::outstanding,
        fmt::format("made and paid for, but not fetched: {}; `resume` tries again", event.failure.message));
  task->phase = event.link == LinkState::dead ? Phase::running : Phase::refetch_wait;
  set_timer(event.attempt.task,
            now + settings_.retry.delay(task->failures, event.failure.retry_after, random_));
}

// ---- ends

void Engine::handle(StopRequested const& event, TimePoint /*now*/) {
  stop(event.why);
}

void Engine::stop(std::string const& why) {
  if (stopped_) return;
  stopped_ = why;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    TaskId const id{static_cast<std::uint32_t>(i)};
    Phase const phase = at(id).phase;
    if (phase == Phase::to_prepare || phase == Phase::ready || phase == Phase::backing_off)
      finish(id, TaskOutcome::outstanding, why);
  }
}

void Engine::finish(TaskId id, TaskOutcome outcome, std::string why) {
  Task& task = at(id);
  if (task.phase == Phase::ended) return;
  unqueue(id);
  no_longer_ahead(task);
  leave_slot(task);
  end_probe(task);
  task.phase = Phase::ended;
  --live_;
  pending_.emplace_back(Finish{id, outcome, std::move(why)});
}

}  // namespace callsheet::engine
