// Doubt: a create request that may have landed. Evidence is looked for in this order: the same request again
// under its idempotency key (where keys are honoured), a callback that names the attempt, the account's task
// list. What stays is told, keeps its hold, and is settled by hand or by the gateway's books.

#include "orchestrator/engine/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::engine {

using namespace std::chrono_literals;

namespace {

constexpr Duration first_look = 2s;
constexpr Duration longest_look = 60s;

Duration until_next_look(int looks) {
  Duration wait = first_look;
  for (int i = 0; i < looks && wait < longest_look; ++i) wait *= 3;
  return std::min(wait, longest_look);
}

}  // namespace

void Engine::handle(SubmitUnknown const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::submitting, Phase::replaying});
  if (!slot) return;
  judge_gateway(event.failure, now);
  left(tasks_[*slot], now);
  begin_doubt(*slot, event.failure, now);
}

void Engine::begin_doubt(Slot slot, Failure const& failure, TimePoint now) {
  Task& task = tasks_[slot];
  end_probe(task);
  if (task.phase == Phase::submitting) {
    if (!task.needed) ++tally_.attempts;
    pending_.emplace_back(MarkInDoubt{attempt_of(task), failure});
    task.failures = 0;
    doubts_.insert(task.id);
  }
  // A replay may have been the one that landed: the times begin anew with each.
  task.gave_up = now;
  task.slot_until = now + settings_.doubt_slot;
  ++task.failures;
  become(task, Phase::in_doubt);
  if (!task.named.empty()) return adopt(slot, task.named, now);
  set_timer(slot, now + settings_.retry.delay(task.failures, failure.retry_after, random_));
}

void Engine::look_for_evidence(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  if (!task.named.empty() && task.adoptions < settings_.adoptions_most) return adopt(slot, task.named, now);
  if (settings_.idempotency == Idempotency::honoured && task.failures < settings_.replays_most) {
    if (gateway_breaker_.state(now) != Breaker::State::closed) return set_timer(slot, now + first_look);
    if (paused_) return set_timer(slot, now + first_look);  // it may be the one that lands
    // It buys nothing new, and is a create request all the same: it finds its place in the rates; and it may
    // be the one that lands, so it needs a slot.
    Lane& lane = lane_of(task);
    if (!task.in_slot && !has_free_slot(lane)) return set_timer(slot, now + first_look);
    take_slot(task);
    TimePoint const may = std::max(creates_.next_at(now), lane.rate.next_at(now));
    if (may > now) return set_timer(slot, may == TimePoint::max() ? now + first_look : may);
    creates_.went(creates_.take(now), now);
    lane.rate.went(lane.rate.take(now), now);
    become(task, Phase::replaying);
    pending_.emplace_back(Replay{attempt_of(task)});
    return;
  }
  if (settings_.listing != Listing::none && task.searches < settings_.searches_most) {
    // One look answers for all of them; it comes back to each in handle(Listed).
    TimePoint const look = now + until_next_look(task.searches);
    search_at_ = search_at_ ? std::min(*search_at_, look) : look;
    return;
  }
  park(slot, now);
}

/// Nothing more can be done. It keeps its hold; and for a while its slot, because it may be running.
void Engine::park(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  unqueue(slot);
  become(task, Phase::parked);
  ++parked_;
  --holding_;
  if (task.in_slot) set_timer(slot, std::max(now, task.slot_until));
}

void Engine::unpark(Task& task) {
  --parked_;
  ++holding_;
  become(task, Phase::in_doubt);
}

void Engine::adopt(Slot slot, GatewayTaskId id, TimePoint now) {
  Task& task = tasks_[slot];
  unqueue(slot);
  if (task.phase == Phase::parked) unpark(task);
  become(task, Phase::adopt_due);
  ++task.adoptions;
  task.named = std::move(id);
  to_read_.push(slot, {now, index(task.id)});
}

Adopt Engine::adoption_of(Task const& task) const {
  Adopt order{.attempt = attempt_of(task), .id = task.named, .created = {}};
  Duration const slack = settings_.clock_skew + 1s;  // the gateway gives whole seconds
  if (task.dated) order.created = Adopt::Times{task.submitted - slack, task.gave_up + slack};
  return order;
}

void Engine::handle(AdoptFailed const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::adopting});
  if (!slot) return;
  Task& task = tasks_[*slot];
  judge_gateway(event.failure, now);
  become(task, Phase::in_doubt);
  // What the gateway does not know is no evidence, whoever named it.
  if (event.failure.kind == FailureKind::task_unknown) task.named = {};
  if (task.adoptions >= settings_.adoptions_most) task.named = {};
  set_timer(*slot, now + settings_.retry.delay(task.adoptions, event.failure.retry_after, random_));
}

void Engine::handle(IdempotencySeen const& /*event*/, TimePoint now) {
  if (settings_.idempotency == Idempotency::honoured) return;
  settings_.idempotency = Idempotency::honoured;
  for (TaskId const id : doubts_) {
    Slot const slot = *find(id);
    Task& task = tasks_[slot];
    if (task.phase != Phase::parked) continue;
    unqueue(slot);
    unpark(task);
    task.failures = 1;
    set_timer(slot, now);
  }
}

// ---- the account's task list

void Engine::search(TimePoint now) {
  if (!search_at_ || searching_ || *search_at_ > now || reads_.next_at(now) > now) return;
  if (gateway_breaker_.state(now) != Breaker::State::closed) return;
  search_at_.reset();
  if (doubts_.empty()) return;
  TimePoint since = TimePoint::max();
  for (TaskId const id : doubts_) since = std::min(since, tasks_[*find(id)].submitted);
  reads_.went(reads_.take(now), now);
  searching_ = true;
  asked_at_ = now;
  pending_.emplace_back(Search{since - settings_.clock_skew - 2s});
}

void Engine::handle(ListFailed const& event, TimePoint now) {
  searching_ = false;
  judge_gateway(event.failure, now);
  if (event.failure.kind == FailureKind::rate_limited) reads_.slow_down(now, event.failure.retry_after);
  std::set<TaskId> const doubts = doubts_;
  for (TaskId const id : doubts) list_told_nothing(*find(id), now);
}

void Engine::list_told_nothing(Slot slot, TimePoint now) {
  Task& task = tasks_[slot];
  // Those with a timer have other ways to try first.
  if (task.phase != Phase::in_doubt || positions_[slot] != in_no_heap) return;
  ++task.searches;
  look_for_evidence(slot, now);
}

Doubt Engine::doubt_of(Task const& task, TimePoint now) {
  // A request that is under way may land as late as now; a replay is one, too.
  bool const under_way = task.phase == Phase::submitting || task.phase == Phase::replaying;
  return {.attempt = attempt_of(task),
          .model = candidate_of(task).model,
          .duration = task.duration,
          .sent = task.submitted,
          .gave_up = under_way ? now : task.gave_up,
          .dated = task.dated};
}

void Engine::handle(Listed const& event, TimePoint now) {
  searching_ = false;
  Listed list = event;
  std::vector<Doubt> doubts;
  std::vector<Doubt> others = ended_in_doubt_;
  for (Task const& task : tasks_) {
    if (task.phase == Phase::submitting) others.push_back(doubt_of(task, now));
    // Became known since the list was compared with the ledger.
    std::erase_if(list.strangers, [&](Stranger const& stranger) { return stranger.id == task.gateway_id; });
  }
  for (TaskId const id : doubts_) doubts.push_back(doubt_of(tasks_[*find(id)], now));
  auto const verdicts = judge(
      doubts, others, list,
      {.worth = settings_.listing, .clock_skew = settings_.clock_skew, .listing_lag = settings_.listing_lag},
      asked_at_);
  for (DoubtVerdict const& verdict : verdicts) {
    std::optional<Slot> const slot = expect(verdict.attempt, {Phase::in_doubt, Phase::parked});
    if (!slot) continue;
    switch (verdict.kind) {
      case DoubtVerdict::Kind::is:
        adopt(*slot, verdict.id, now);
        break;
      case DoubtVerdict::Kind::not_taken:
        handle(NotTaken{verdict.attempt, "the account's task list holds everything, and not this"}, now);
        break;
      case DoubtVerdict::Kind::unknown:
        list_told_nothing(*slot, now);
        break;
    }
  }
}

void Engine::handle(NotTaken const& event, TimePoint now) {
  std::optional<Slot> const slot = expect(event.attempt, {Phase::in_doubt, Phase::parked});
  if (!slot) return;
  Task& task = tasks_[*slot];
  unqueue(*slot);
  if (task.phase == Phase::parked) unpark(task);
  doubts_.erase(task.id);
  end_hold(task, {});
  --task.landed;
  leave_slot(task);
  Failure failure{.kind = FailureKind::not_sent, .message = event.how};
  std::size_t const place = pending_.size();
  pending_.emplace_back(Release{event.attempt, failure, {}});
  std::string then =
      stop_ ? give_up(*slot, stop_->outcome, stop_->why) : retry_later(*slot, failure, Remedy::retry, now);
  std::get<Release>(pending_[place]).then = std::move(then);
}

/// When nothing else is left to wait for, what is parked ends in doubt.
void Engine::finish_parked_doubts(TimePoint now) {
  // Who waits for a need waits for a doubt then: nothing else is left.
  if (parked_ == 0 || live_ != parked_ + waiting_for_needs_ || loading_ || searching_ || search_at_) return;
  std::set<TaskId> const doubts = doubts_;
  for (TaskId const id : doubts) {
    // Those that wait fill the backlog: with what they need they make room. What is loaded then is submitted:
    // as long as the doubt may be running, its place in flight is not free.
    if (more_to_load_ && (!waiting_for_need_.contains(id) || tasks_[*find(id)].in_slot)) continue;
    ended_in_doubt_.push_back(doubt_of(tasks_[*find(id)], now));
    finish(*find(id), TaskOutcome::in_doubt,
           "the create request may have reached the gateway and no answer came; it is not sent again, "
           "because that "
           "could pay twice");
  }
}

}  // namespace callsheet::engine
