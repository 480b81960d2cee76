// An attempt: the create request, the gateway's task, and the clip.

#include "orchestrator/engine/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::engine {

using namespace std::chrono_literals;

namespace {

/// Refusals for rate on two models within this time are the gateway's, not the model's.
constexpr Duration together = 10s;
/// With callbacks that come, polling is the safety net only.
constexpr int callbacks_to_trust = 2;
constexpr int spared_by_callbacks = 4;
constexpr char const* content_was_refused = "its content was refused before the run went on";

}  // namespace

// ---- the create request

void Engine::submit(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  plan::Candidate const& candidate = candidate_of(task);
  Lane& lane = lane_of(task);
  unqueue(slot);
  no_longer_ahead(task);
  if (task.ordinal == 0)
    retries_.first_try(now);
  else
    retries_.take(now);
  money_.hold(candidate.most, task.groups);
  ++holding_;
  become(task, Phase::submitting);
  task.held = candidate.most;
  task.submitted = now;
  task.settled = false;
  task.dated = true;
  task.leaving = true;
  task.called_back = false;
  task.hurried = false;
  task.hints = task.searches = task.adoptions = task.unknown_reads = 0;
  task.told.reset();
  task.gateway_id = {};
  task.named = {};
  task.alive = task.ended = Duration{0};
  task.polls = &polls_of(task);
  ++task.ordinal;
  ++task.landed;
  take_slot(task);
  task.ticket = creates_.take(now);
  task.lane_ticket = lane.rate.take(now);
  lane.breaker.submitted(now);
  task.probe = lane.breaker.probing();
  pending_.emplace_back(
      Submit{attempt_of(task), candidate, task.why, std::exchange(task.waited, Waited::nothing)});
}

PollPlan& Engine::polls_of(Task const& task) {
  plan::Candidate const& candidate = candidate_of(task);
  std::unique_ptr<PollPlan>& plan =
      poll_plans_[PollKind{candidate.model, candidate.quality, task.duration, task.sound}];
  if (!plan) plan = std::make_unique<PollPlan>(settings_.polls);
  return *plan;
}

/// The request left at `now`, or never will.
void Engine::left(Task& task, TimePoint now) {
  if (!std::exchange(task.leaving, false)) return;
  creates_.went(task.ticket, now);
  lane_of(task).rate.went(task.lane_ticket, now);
}

void Engine::handle(Sending const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::submitting});
  if (!slot) return;
  left(tasks_[*slot], now);
  tasks_[*slot].submitted = now;
}

void Engine::handle(Submitted const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(
      event.attempt, {Phase::submitting, Phase::replaying, Phase::adopting, Phase::in_doubt, Phase::parked});
  if (!slot) return;
  Task& task = tasks_[*slot];
  gateway_answered();
  left(task, now);
  if (task.phase == Phase::submitting && !task.needed) ++tally_.attempts;
  unqueue(*slot);
  if (task.phase == Phase::parked) unpark(task);
  doubts_.erase(task.id);
  take_slot(task);
  become(task, Phase::running);
  task.gateway_id = event.id;
  task.failures = 0;
  check_price(task, event.reserved);
  if (event.estimated_time) task.polls->estimate(*event.estimated_time);
  // What a callback has named before its answer came is over already.
  if (!task.named.empty()) {
    task.called_back = true;
    return hurry(*slot, now);
  }
  set_poll_timer(*slot, now);
}

/// gateway-api.md section 6. The attempt under way is a fact; what can be helped is the next one.
void Engine::check_price(Task& task, Reserved const& reserved) {
  Lane& lane = lane_of(task);
  if (auto const* told = std::get_if<Told>(&reserved)) {
    task.told = told->amount;
    if (told->amount <= task.held) return;
    set_aside(lane, fmt::format("it reserved {} credits for a clip that the price list has at {}",
                                to_string(told->amount), to_string(task.held)));
    money_.raise(told->amount - task.held, task.groups);
    task.held = told->amount;
    pending_.emplace_back(RaiseHold{attempt_of(task), told->amount});
  } else if (auto const* absurd = std::get_if<Absurd>(&reserved)) {
    if (absurd->may_be_more)
      set_aside(lane, fmt::format("it reserved `{}`, which is in no unit the {} credits of the price list",
                                  absurd->raw, to_string(task.held)));
  }
}

void Engine::handle(Refused const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::submitting, Phase::replaying});
  if (!slot) return;
  Task& task = tasks_[*slot];
  judge_gateway(event.failure, now);
  left(task, now);
  // A replay that is turned away, for whatever reason, does not say what became of the first request; and
  // what a callback has named was taken, whatever the answer says.
  if (task.phase == Phase::replaying || !task.named.empty()) return begin_doubt(*slot, event.failure, now);
  end_hold(task, {});
  --task.landed;
  leave_slot(task);
  std::size_t const place = pending_.size();
  pending_.emplace_back(Release{event.attempt, event.failure, {}});
  std::string then = after_refusal(*slot, event.failure, now);
  std::get<Release>(pending_[place]).then = std::move(then);
}

std::string Engine::after_refusal(Slot slot, Failure const& failure, TimePoint now) {
  Remedy const remedy = remedy_when_refused(failure.kind, settings_.refused_content);
  Lane& lane = lane_of(tasks_[slot]);
  tasks_[slot].probe = false;
  if (remedy == Remedy::stop_run) stop(TaskOutcome::outstanding, failure.message);
  if (remedy == Remedy::drop_model) set_aside(lane, "the key may not use it: " + failure.message);
  if (remedy == Remedy::fall_back)
    lane.breaker.failed(now);
  else
    lane.breaker.inconclusive();
  if (remedy == Remedy::retry_unpaid) {
    lane.rate.slow_down(now, failure.retry_after);
    bool elsewhere = false;
    for (auto const& [model, other] : lanes_)
      elsewhere = elsewhere || (other.get() != &lane && other->rate_limited > now - together);
    if (elsewhere) creates_.slow_down(now, failure.retry_after);
    lane.rate_limited = now;
  }
  // Nothing would do better when the run goes on, either: what is left outstanding would only be asked again.
  if (stop_ && remedy != Remedy::give_up) return give_up(slot, stop_->outcome, stop_->why);
  switch (remedy) {
    case Remedy::give_up:
    case Remedy::stop_run:
      return give_up(slot, TaskOutcome::failed, failure.message);
    case Remedy::fall_back:
    case Remedy::drop_model:
      return fall_back(slot, failure, now);
    case Remedy::next_model:
      return next_model(slot, failure);
    case Remedy::retry:
    case Remedy::retry_unpaid:
      return retry_later(slot, failure, remedy, now);
  }
  return {};
}

std::string Engine::give_up(Slot slot, TaskOutcome outcome, std::string why) {
  finish(slot, outcome, std::move(why));
  return "nothing more is tried";
}

std::string Engine::fall_back(Slot slot, Failure const& failure, TimePoint now) {
  Task& task = tasks_[slot];
  std::uint16_t const before = task.candidate;
  std::string const from = candidate_of(task).model.str();
  if (!move_to_next_candidate(task))
    return give_up(slot, TaskOutcome::failed,
                   fmt::format("no model is left that may do it; the last said: {}", failure.message));
  if (task.candidate <= before) return retry_later(slot, failure, Remedy::retry, now);
  plan::Candidate const& next = candidate_of(task);
  task.why = fmt::format("next by price after {}: {}", from, failure.message);
  std::string then = fmt::format("next by price: {} at {} for {} credits", next.model.str(),
                                 to_string(next.quality), to_string(next.expected));
  enqueue(slot);
  return then;
}

/// Forward only, and never the same model again: each may refuse the content once.
std::string Engine::next_model(Slot slot, Failure const& failure) {
  Task& task = tasks_[slot];
  ModelId const refused = candidate_of(task).model;
  task.refused_by.push_back(&lane_of(task));
  auto const& candidates = task.route->route->candidates;
  for (std::size_t i = task.candidate + 1u; i < candidates.size(); ++i) {
    bool const tried = std::any_of(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](auto const& earlier) { return earlier.model == candidates[i].model; });
    if (tried || !may_do(*task.route->lanes[i], task) ||
        !money_.within_task_cap(task.burnt, candidates[i].most))
      continue;
    task.candidate = static_cast<std::uint16_t>(i);
    task.why =
        fmt::format("{} refused the content, and fallback.refused_content asks for the next", refused.str());
    std::string then = fmt::format("next model: {}", candidates[i].model.str());
    enqueue(slot);
    return then;
  }
  return give_up(slot, TaskOutcome::failed, failure.message);
}

std::string Engine::retry_later(Slot slot, Failure const& failure, Remedy remedy, TimePoint now) {
  Task& task = tasks_[slot];
  int const most = remedy == Remedy::retry_unpaid ? settings_.rate_limited_most : settings_.tries_most;
  if (++task.failures >= most)
    return give_up(slot, TaskOutcome::failed,
                   fmt::format("given up after {} tries; the last: {}", task.failures, failure.message));
  become(task, Phase::backing_off);
  Duration const wait = settings_.retry.delay(task.failures, failure.retry_after, random_);
  set_timer(slot, now + wait);
  return "again in " + format_duration(wait);
}

// ---- the gateway's task

/// From the age at which it was last read.
void Engine::set_poll_timer(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  Duration wait = task.polls->wait(task.alive, reads_per_task(), random_);
  bool const called = callbacks_seen_ >= callbacks_to_trust && callbacks_seen_ > 4 * callbacks_missed_;
  if (settings_.callbacks == Callbacks::expected && called) wait *= spared_by_callbacks;
  set_timer(slot, std::max(now, task.submitted + task.alive + wait));
}

/// Reads the task as soon as the request budget allows.
void Engine::hurry(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  unqueue(slot);
  become(task, Phase::read_due);
  to_read_.push(slot, {now, index(task.id)});
}

void Engine::handle(CalledBack const& event, TimePoint now) {
  std::optional<Slot> const slot = find(event.attempt.task);
  if (!slot || tasks_[*slot].ordinal != event.attempt.ordinal) return;
  Task& task = tasks_[*slot];
  // Duplicates and forgeries cost a few reads of one task, and then nothing.
  if (task.hints >= settings_.hints_most) return;
  ++task.hints;
  switch (task.phase) {
    case Phase::submitting:
    case Phase::replaying:
    case Phase::adopt_due:
    case Phase::adopting:
      if (!event.id.empty()) task.named = event.id;
      return;
    case Phase::in_doubt:
    case Phase::parked:
      if (!event.id.empty()) adopt(*slot, event.id, now);
      return;
    case Phase::running:
      task.called_back = true;
      return hurry(*slot, now);
    case Phase::polling:
      task.called_back = true;
      task.hurried = true;
      return;
    case Phase::waiting_for_need:
    case Phase::to_prepare:
    case Phase::preparing:
    case Phase::ready:
    case Phase::waiting_for_group:
    case Phase::backing_off:
    case Phase::read_due:
    case Phase::to_fetch:
    case Phase::fetching:
    case Phase::refetch_wait:
    case Phase::ended:
      return;
  }
}

void Engine::handle(Polled const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::polling});
  if (!slot) return;
  Task& task = tasks_[*slot];
  gateway_answered();
  Duration const age = now - task.submitted;
  // Once the clip is paid for, failures count the tries to fetch it: reading the task again is one of them.
  if (!task.settled) task.failures = 0;
  task.unknown_reads = 0;
  if (event.progress == Progress::running) {
    task.polls->knowledge().alive(task.alive, age);
    task.alive = age;
    if (age > settings_.patience)
      return finish(*slot, TaskOutcome::outstanding,
                    "still running at the gateway after a long time; paid for, `collect` fetches it");
    become(task, Phase::running);
    if (std::exchange(task.hurried, false)) return hurry(*slot, now);
    return set_poll_timer(*slot, now);
  }
  leave_slot(task);
  learn_end(task, now);
  if (event.progress == Progress::completed) return completed(*slot, event, now);

  Refund const refund = event.refund_seen ? Refund::seen : Refund::expected;
  if (task.settled || !task.links.empty())
    return finish(*slot, TaskOutcome::failed,
                  "the gateway calls the task failed, having called it completed: " + event.failure.message);
  Credits const spent = event.charged ? *event.charged : event.refund_seen ? Credits{} : task.held;
  if (spent > task.held) set_aside_for_bill(task, spent);
  task.burnt += spent;
  end_hold(task, spent);
  std::size_t const place = pending_.size();
  pending_.emplace_back(BookFailure{event.attempt, event.failure, refund, event.charged, {}});
  std::string then = after_failed_task(*slot, event.failure, now);
  std::get<BookFailure>(pending_[place]).then = std::move(then);
}

void Engine::learn_end(Task& task, TimePoint now) {
  if (task.ended != Duration{0} || task.settled) return;
  task.ended = std::max(now - task.submitted, Duration{1});
  DurationKnowledge& knowledge = task.polls->knowledge();
  double const before = knowledge.ends();
  knowledge.ended(task.alive, task.ended);
  for (double const milestone : {1.0, 4.0, 16.0, 64.0})
    if (before < milestone && knowledge.ends() >= milestone) look_again(*task.polls, now);
  if (settings_.callbacks == Callbacks::expected) ++(task.called_back ? callbacks_seen_ : callbacks_missed_);
}

/// The scouts have found out: those that left it to them plan their reads.
void Engine::look_again(PollPlan const& plan, TimePoint now) {
  for (Slot slot = 0; slot < tasks_.size(); ++slot)
    if (tasks_[slot].phase == Phase::running && tasks_[slot].polls == &plan) set_poll_timer(slot, now);
}

std::string Engine::after_failed_task(Slot slot, Failure const& failure, TimePoint now) {
  Task& task = tasks_[slot];
  Remedy const remedy = remedy_when_failed(failure.kind, settings_.refused_content);
  task.probe = false;
  if (remedy == Remedy::fall_back)
    lane_of(task).breaker.failed(now);
  else
    lane_of(task).breaker.succeeded();  // the model answered; the fault lies in the request
  if (remedy == Remedy::give_up) return give_up(slot, TaskOutcome::failed, failure.message);
  if (stop_) return give_up(slot, stop_->outcome, stop_->why);
  if (task.landed >= settings_.landed_most)
    return give_up(slot, TaskOutcome::failed,
                   fmt::format("given up after {} attempts; the last: {}", task.landed, failure.message));
  if (remedy == Remedy::fall_back) return fall_back(slot, failure, now);
  if (remedy == Remedy::next_model) return next_model(slot, failure);
  return retry_later(slot, failure, remedy, now);
}

void Engine::set_aside_for_bill(Task const& task, Credits billed) {
  set_aside(lane_of(task),
            fmt::format("it billed {} credits where {} were held", to_string(billed), to_string(task.held)));
}

void Engine::completed(Slot slot, Polled const& event, TimePoint /*now*/) {
  Task& task = tasks_[slot];
  lane_of(task).breaker.succeeded();
  task.probe = false;
  plan::Candidate const& candidate = candidate_of(task);
  // What is billed by the clip's length and not told is settled when the clip has been measured.
  if (!task.settled && (event.charged || !candidate.actual)) {
    BilledBy const by = event.charged || task.told ? BilledBy::told : BilledBy::request;
    if (event.charged && *event.charged > task.held) set_aside_for_bill(task, *event.charged);
    // Where nobody tells, what it can have come to at most: less would be given back too early.
    task.billed = event.charged.value_or(task.told.value_or(candidate.most));
    end_hold(task, task.billed);
    task.settled = true;
    pending_.emplace_back(Settle{event.attempt, task.billed, by, task.alive, task.ended});
  }
  task.links = event.links;
  become(task, Phase::to_fetch);
  to_fetch_.push(slot, {task.submitted, index(task.id)});
}

void Engine::handle(PollFailed const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::polling});
  if (!slot) return;
  Task& task = tasks_[*slot];
  judge_gateway(event.failure, now);
  if (event.failure.kind == FailureKind::rate_limited) reads_.slow_down(now, event.failure.retry_after);
  ++task.failures;
  // The gateway gave that id itself; that it does not know it now may be a passing fault. The money stays
  // held.
  if (event.failure.kind == FailureKind::task_unknown) ++task.unknown_reads;
  bool const unknown_for_long = task.unknown_reads >= settings_.unknown_tries_most;
  bool const key_refused = event.failure.kind == FailureKind::unauthorized;
  if (key_refused) stop(TaskOutcome::outstanding, event.failure.message);
  if (key_refused || unknown_for_long || now - task.submitted > settings_.patience)
    return finish(*slot, TaskOutcome::outstanding,
                  fmt::format("paid for, but the gateway could not be read: {}; `collect` fetches it",
                              event.failure.message));
  become(task, Phase::running);
  set_timer(*slot, now + settings_.retry.delay(task.failures, event.failure.retry_after, random_));
}

// ---- the clip

void Engine::handle(Fetched const& event, TimePoint /*now*/) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::fetching});
  if (!slot) return;
  Task& task = tasks_[*slot];
  --fetching_;
  if (!task.settled) {
    task.billed = billed_by_length(*candidate_of(task).actual, event.length);
    end_hold(task, task.billed);
    task.settled = true;
    pending_.emplace_back(Settle{event.attempt, task.billed, BilledBy::length, task.alive, task.ended});
  }
  bool const as_ordered = event.mismatch.empty();
  finish(*slot, as_ordered ? TaskOutcome::made : TaskOutcome::mismatched, event.mismatch);
}

void Engine::handle(FetchFailed const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::fetching});
  if (!slot) return;
  Task& task = tasks_[*slot];
  --fetching_;
  if (++task.failures >= settings_.fetch_tries_most)
    return finish(
        *slot, TaskOutcome::outstanding,
        fmt::format("made and paid for, but not fetched: {}; `collect` tries again", event.failure.message));
  become(task, event.link == LinkState::dead ? Phase::running : Phase::refetch_wait);
  set_timer(*slot, now + settings_.retry.delay(task.failures, event.failure.retry_after, random_));
}

// ---- going on with an earlier session's task

void Engine::resume_task(Slot slot, std::vector<PastAttempt> const& past, TimePoint now) {
  Task& task = tasks_[slot];
  for (PastAttempt const& one : past) {
    money_.restore(one.held, one.spent, task.groups);
    if (one.state != AttemptState::refused) ++task.landed;
    if (one.state == AttemptState::failed) task.burnt += one.spent;
    if (one.content_refused) task.refused_by.push_back(&lane(one.candidate.model));
    task.ordinal = std::max(task.ordinal, one.ordinal);
  }
  PastAttempt const& last = past.back();
  auto const& candidates = task.route->route->candidates;
  auto const used = std::find_if(candidates.begin(), candidates.end(), [&](plan::Candidate const& c) {
    return c.model == last.candidate.model && c.quality == last.candidate.quality;
  });
  if (used != candidates.end()) task.candidate = static_cast<std::uint16_t>(used - candidates.begin());
  task.polls = &polls_of(task);
  // A clock that may have been set meanwhile makes no task old, or unborn.
  task.submitted = last.dated ? std::min(last.submitted, now) : now;
  task.dated = last.dated;
  task.gateway_id = last.id;
  task.held = last.held;
  if (last.held > Credits{}) ++holding_;
  switch (last.state) {
    case AttemptState::submitting: {
      take_slot(task);
      become(task, Phase::submitting);
      Failure interrupted{.kind = FailureKind::unknown,
                          .message = "the program ended while the request was on its way"};
      return begin_doubt(slot, interrupted, now);
    }
    case AttemptState::in_doubt:
      take_slot(task);
      become(task, Phase::in_doubt);
      doubts_.insert(task.id);
      task.gave_up = now;
      task.slot_until = now + settings_.doubt_slot;
      return set_timer(slot, now);
    case AttemptState::finished:
      task.settled = true;
      task.billed = last.spent;
      [[fallthrough]];
    case AttemptState::running:
      take_slot(task);
      become(task, Phase::running);
      return hurry(slot, now);
    case AttemptState::failed:
    case AttemptState::refused:
      if (last.content_refused && settings_.refused_content == RefusedContent::give_up)
        return finish(slot, TaskOutcome::failed, content_was_refused);
      if (stop_) return finish(slot, stop_->outcome, stop_->why);
      if (last.content_refused) {
        Failure const refused{.kind = FailureKind::content_refused, .message = content_was_refused};
        return static_cast<void>(next_model(slot, refused));
      }
      return enqueue(slot);
  }
}

}  // namespace callsheet::engine
