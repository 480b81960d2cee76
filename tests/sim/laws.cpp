#include "tests/sim/laws.hpp"

#include "orchestrator/core/overloaded.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::sim {

using namespace std::chrono_literals;

namespace {

/// Tasks that run longer than anything a doubt waits for are given up by the run, and no longer counted by
/// it.
constexpr Duration forgotten_after = 20min;

/// What is promised of retries: a fifth of the first requests, one each two seconds, and ten at any time.
constexpr std::int64_t retries_at_any_time = 10;
constexpr std::int64_t firsts_for_a_retry = 5;
constexpr Duration time_for_a_retry = 2s;

}  // namespace

void Laws::breach(std::string law) {
  breaches_.push_back(fmt::format("at {} us: {}", time_.now().time_since_epoch().count(), law));
}

void Laws::committed(ledger::Record const& record, ledger::Receipt const& receipt) {
  if (auto const* const intent = std::get_if<ledger::Intent>(&record)) check_intent(*intent);
  if (!receipt.granted) return;
  auto const attempt_for = [&](AttemptKey key) -> Attempt& { return attempts_[key_of_[key]]; };
  auto const change = [&](AttemptKey key, auto what) {
    Attempt& attempt = attempt_for(key);
    Credits const before = attempt.committed();
    what(attempt);
    Credits const more = attempt.committed() - before;
    committed_ += more;
    by_task_[index(key.task)] += more;
    by_day_[attempt.day] += more;
    for (std::uint16_t const group : attempt.groups) by_group_[group] += more;
    if (more > Credits{}) check_caps(attempt);
    check_bill(attempt);
  };
  auto const settle = [](Attempt& attempt, AttemptState state, Credits billed, Credits refund_expected) {
    attempt.state = state;
    attempt.held = Credits{};
    attempt.billed = billed;
    attempt.refund_expected = refund_expected;
  };
  std::visit(Overloaded{
                 [&](ledger::Intent const& r) {
                   if (key_of_.contains(r.attempt)) breach("an attempt is begun twice");
                   key_of_[r.attempt] = r.idempotency_key;
                   attempts_[r.idempotency_key] = {
                       .key = r.attempt,
                       .model = r.model.str(),
                       .id = {},
                       .most = r.most,
                       .held = {},
                       .billed = {},
                       .refund_expected = {},
                       .groups = r.groups,
                       .day = std::chrono::floor<std::chrono::days>(r.at).time_since_epoch().count()};
                   change(r.attempt, [&](Attempt& attempt) { attempt.held = r.most; });
                 },
                 [&](ledger::IdReceived const& r) {
                   Attempt& attempt = attempt_for(r.attempt);
                   attempt.id = r.id.str();
                   unrecorded_.erase(attempt.id);
                   attempt.state = AttemptState::running;
                   GatewayModel::Task const* const task = model_.find(attempt.id);
                   if (task == nullptr || model_.by_key(key_of_[r.attempt]) != task)
                     breach(fmt::format("attempt {} took {} for its own, and it is not", to_string(r.attempt),
                                        attempt.id));
                 },
                 [&](ledger::HoldRaised const& r) {
                   note_price(attempt_for(r.attempt), r.to, r.at);
                   change(r.attempt, [&](Attempt& attempt) { attempt.held = r.to; });
                 },
                 [&](ledger::Settled const& r) {
                   note_price(attempt_for(r.attempt), r.billed, r.at);
                   change(r.attempt,
                          [&](Attempt& attempt) { settle(attempt, AttemptState::finished, r.billed, {}); });
                 },
                 [&](ledger::Released const& r) {
                   note_refused_content(r.attempt, r.failure);
                   change(r.attempt,
                          [&](Attempt& attempt) { settle(attempt, AttemptState::refused, {}, {}); });
                 },
                 [&](ledger::FailureBooked const& r) {
                   note_refused_content(r.attempt, r.failure);
                   change(r.attempt, [&](Attempt& attempt) {
                     settle(attempt, AttemptState::failed, r.charged.value_or(Credits{}),
                            r.refund_seen || r.charged ? Credits{} : attempt.held);
                   });
                 },
                 [&](ledger::Doubted const& r) { attempt_for(r.attempt).state = AttemptState::in_doubt; },
                 [&](ledger::ClipStored const& r) { clips_[index(r.task)] = r.clip; },
                 [&](ledger::ElementMade const& r) { elements_[index(r.task)] = r.id; },
                 [&](ledger::TaskEnded const& r) { outcomes_[index(r.task)] = r.outcome; },
                 [&](ledger::RestEnded const&) { rest_ended_ = true; },
                 [](auto const&) {},
             },
             record);
}

/// Law 1: never above a cap. What the gateway reserved above its price list is its doing, and not held
/// against us.
void Laws::check_caps(Attempt const& changed) {
  if (!terms_.prices_hold) return;
  Budget const& budget = terms_.budget;
  if (committed_ > budget.cap)
    breach(fmt::format("law 1: {} committed, cap {}", to_string(committed_), to_string(budget.cap)));
  if (budget.per_task && by_task_[index(changed.key.task)] > *budget.per_task)
    breach("law 1: a task is above its cap");
  if (budget.daily && by_day_[changed.day] > *budget.daily) breach("law 1: a day is above its cap");
  for (std::uint16_t const group : changed.groups)
    if (by_group_[group] > budget.groups[group].cap) breach("law 1: a group is above its cap");
}

/// What the gateway has reserved or billed for an attempt is covered by what stands in the ledger for it.
void Laws::check_bill(Attempt const& attempt) {
  if (!terms_.prices_hold) return;
  GatewayModel::Task const* const task = model_.by_key(key_of_[attempt.key]);
  if (task == nullptr) return;
  Credits const owed = task->state == GatewayModel::State::running ? task->reserved : task->charged;
  if (owed > attempt.committed())
    breach(fmt::format("law 1: the gateway wants {} for attempt {}, and {} stand in the ledger",
                       to_string(owed), to_string(attempt.key), to_string(attempt.committed())));
}

/// What was decided about an attempt before it cost anything.
void Laws::check_intent(ledger::Intent const& intent) {
  std::string const model = intent.model.str();
  // Content that was refused is not sent around to be refused again, at a price perhaps: only where the
  // manifest asks for that, and never to the model that refused it.
  if (auto const refused = content_refused_by_.find(index(intent.attempt.task));
      refused != content_refused_by_.end()) {
    if (terms_.refused_content != RefusedContent::next_model)
      breach(fmt::format("attempt {} asks again for content that was refused", to_string(intent.attempt)));
    else if (refused->second.contains(model))
      breach(fmt::format("attempt {} asks {} again, which refused the content", to_string(intent.attempt),
                         model));
  }
  if (auto const deadline = terms_.deadlines.find(index(intent.attempt.task));
      deadline != terms_.deadlines.end() && intent.at >= deadline->second)
    breach(fmt::format("attempt {} is submitted after its task's deadline", to_string(intent.attempt)));
  // A price surprise stops the model: what was on its way already is a fact.
  if (auto const dearer = dearer_since_.find(model);
      dearer != dearer_since_.end() && intent.at > dearer->second)
    breach(fmt::format("law 1: attempt {} buys from {}, which wants more than was held",
                       to_string(intent.attempt), model));
  ++(intent.attempt.ordinal == 1 ? firsts_ : retries_);
  std::int64_t const allowed =
      retries_at_any_time + firsts_ / firsts_for_a_retry + (time_.now() - began_) / time_for_a_retry + 1;
  if (retries_ > allowed)
    breach(fmt::format("law 5: {} retries beside {} first requests, allowed are {}", retries_, firsts_,
                       allowed));
}

void Laws::note_refused_content(AttemptKey attempt, Failure const& failure) {
  if (failure.kind == FailureKind::content_refused)
    content_refused_by_[index(attempt.task)].insert(attempts_[key_of_[attempt]].model);
}

void Laws::note_price(Attempt const& attempt, Credits wanted, TimePoint at) {
  if (wanted > attempt.most) dearer_since_.emplace(attempt.model, at);
}

void Laws::check_window(std::deque<TimePoint>& times, Rate const& rate, char const* what) {
  TimePoint const now = time_.now();
  times.push_back(now);
  while (!times.empty() && times.front() <= now - Duration{rate.window}) times.pop_front();
  if (times.size() > static_cast<std::size_t>(rate.count))
    breach(fmt::format("law 5: {} {} within {}, allowed are {}", times.size(), what,
                       format_duration(rate.window), rate.count));
}

bool Laws::has(std::uint32_t task) const {
  auto const ended = outcomes_.find(task);
  bool const made = ended != outcomes_.end() &&
                    (ended->second == TaskOutcome::made || ended->second == TaskOutcome::mismatched);
  bool const open = ended == outcomes_.end() || ended->second == TaskOutcome::outstanding;
  return std::any_of(attempts_.begin(), attempts_.end(), [&](auto const& one) {
    AttemptState const state = one.second.state;
    return index(one.second.key.task) == task &&
           (is_open(state) || (state == AttemptState::finished && (made || open)));
  });
}

void Laws::create_leaves(std::string const& model, std::string const& key) {
  auto const known = attempts_.find(key);
  if (known == attempts_.end()) {
    breach("a create request leaves and nothing durable knows of it");
    return;
  }
  Attempt const& attempt = known->second;
  bool const replay = !left_.insert(key).second;
  if (attempt.state != AttemptState::submitting && attempt.state != AttemptState::in_doubt)
    breach(fmt::format("a create request leaves for attempt {}, which is {}", to_string(attempt.key),
                       to_string(attempt.state)));
  if (replay && !terms_.idempotent) breach("law 2: sent again, and the gateway does not honour keys");
  if (attempt.held < attempt.most) breach("law 1: a create request leaves without its hold");
  if (terms_.limits.rate && !terms_.clock_is_set) check_window(creates_, *terms_.limits.rate, "creates");
  auto const of_model = terms_.limits.models.find(ModelId{model});
  bool const has_limits = of_model != terms_.limits.models.end();
  if (has_limits && of_model->second.rate && !terms_.clock_is_set)
    check_window(creates_of_model_[model], *of_model->second.rate, "creates of a model");
  if (may_leave_in_pause_ && --*may_leave_in_pause_ < 0) breach("something new is submitted in a pause");
  if (replay) return;
  under_way_.insert(key);
  int in_flight = 0;
  int in_flight_of_model = 0;
  for (std::string const& one : under_way_) {
    GatewayModel::Task const* const task = model_.by_key(one);
    if (task != nullptr && task->created + forgotten_after < time_.now()) continue;
    ++in_flight;
    if (attempts_[one].model == model) ++in_flight_of_model;
  }
  if (in_flight > terms_.limits.in_flight)
    breach(fmt::format("law 5: {} in flight, allowed are {}", in_flight, terms_.limits.in_flight));
  if (has_limits && of_model->second.in_flight && in_flight_of_model > *of_model->second.in_flight)
    breach("law 5: too many in flight on a model");
}

void Laws::create_over(std::string const& key) {
  if (model_.by_key(key) == nullptr) under_way_.erase(key);
}

void Laws::id_given(std::string const& key, std::string const& id) {
  auto const attempt = attempts_.find(key);
  if (attempt != attempts_.end() && attempt->second.id != id) unrecorded_[id] = key;
}

void Laws::task_ended(GatewayModel::Task const& task) {
  under_way_.erase(task.order.key);
  if (auto const known = attempts_.find(task.order.key); known != attempts_.end()) check_bill(known->second);
}

/// What a process knew and had not written down is gone with it.
void Laws::process_begins() {
  may_leave_in_pause_.reset();
  unrecorded_.clear();
  // What still stands in the ledger above what was held, the new process can know from the start.
  dearer_since_.clear();
  for (auto const& [key, attempt] : attempts_)
    if (attempt.committed() > attempt.most) dearer_since_.emplace(attempt.model, TimePoint::min());
  began_ = time_.now();
  firsts_ = retries_ = 0;
}

/// A request that was on its way when the process died may have arrived or not: the model knows.
void Laws::process_died() {
  std::erase_if(under_way_, [&](std::string const& key) { return model_.by_key(key) == nullptr; });
}

void Laws::request_leaves() {
  if (terms_.reads && !terms_.clock_is_set) check_window(requests_, *terms_.reads, "reads");
}

/// Law 3: an id is durable before anything else happens with it.
void Laws::poll_leaves(std::string const& id) {
  bool const known =
      std::any_of(attempts_.begin(), attempts_.end(), [&](auto const& one) { return one.second.id == id; });
  // What a callback or a list names is read before it is believed: that is how a doubt is looked into.
  bool const doubt = std::any_of(attempts_.begin(), attempts_.end(), [&](auto const& one) {
    return one.second.state == AttemptState::in_doubt || one.second.state == AttemptState::submitting;
  });
  if (unrecorded_.contains(id))
    breach(fmt::format("law 3: {} came with an answer, and is read before it is durable", id));
  if (!known && !doubt) breach(fmt::format("law 3: {} is read and not durable", id));
}

void Laws::check_made(Attempt const& attempt, End const& end) {
  std::uint32_t const number = index(attempt.key.task);
  if (outcomes_[number] != TaskOutcome::made && outcomes_[number] != TaskOutcome::mismatched)
    breach(fmt::format("law 3: task {} was billed and not made", number));
  if (terms_.elements.contains(number)) {
    GatewayModel::Task const* const task = model_.find(attempt.id);
    if (task == nullptr || elements_[number] != GatewayModel::element_of(*task))
      breach(fmt::format("law 3: the element of task {} is not kept", number));
    return;
  }
  auto const clip = end.files.files.find(clips_[number].path);
  if (clip == end.files.files.end() || clip->second.content != attempt.id)
    breach(fmt::format("law 3: the clip of task {} is not at its place", number));
}

void Laws::ended(End const& end) {
  for (std::string const& key : model_.sent_twice())
    breach("law 2: arrived twice without a key to know it by: " + key);

  // Law 2: no take is bought twice.
  std::map<std::uint32_t, int> bought;
  Credits charged;
  for (auto const& [id, task] : model_.tasks()) {
    if (task.foreign) continue;
    auto const attempt = attempts_.find(task.order.key);
    if (attempt == attempts_.end()) {
      breach("law 3: the gateway has a task that nothing durable knows of");
      continue;
    }
    if (task.state != GatewayModel::State::failed) ++bought[index(attempt->second.key.task)];
    charged += task.charged;
  }
  for (auto const& [task, times] : bought)
    if (times > 1) breach(fmt::format("law 2: task {} was bought {} times", task, times));

  for (std::string const& prompt : model_.unfounded())
    breach(fmt::format("`{}` was ordered with an element that was not made", prompt));

  // Law 3: what was paid for is there.
  Credits in_doubt;
  Credits sum;
  for (auto const& [key, attempt] : attempts_) {
    sum += attempt.committed();
    GatewayModel::Task const* const task = model_.by_key(key);
    std::uint32_t const number = index(attempt.key.task);
    if (attempt.state == AttemptState::in_doubt) {
      in_doubt += attempt.held;
      continue;
    }
    if (attempt.state == AttemptState::submitting || attempt.state == AttemptState::running)
      breach(
          fmt::format("attempt {} is still {} in the end", to_string(attempt.key), to_string(attempt.state)));
    if (attempt.state == AttemptState::refused && task != nullptr && task->charged > Credits{})
      breach(
          fmt::format("law 6: attempt {} was released, and the gateway billed it", to_string(attempt.key)));
    if (attempt.state == AttemptState::finished) {
      check_made(attempt, end);
      if (task != nullptr && task->order.prompt != end.prompts.at(number))
        breach(fmt::format("law 3: task {} has another's clip", number));
    }
    // Law 6, line by line: each attempt costs what the gateway billed for it.
    if (task == nullptr || task->state == GatewayModel::State::running) continue;
    if (attempt.state == AttemptState::finished && end.charges_known && attempt.billed != task->charged)
      breach(fmt::format("law 6: attempt {} is booked with {}, billed {}", to_string(attempt.key),
                         to_string(attempt.billed), to_string(task->charged)));
    Credits const booked = attempt.billed + attempt.refund_expected;
    bool const exact = booked == task->charged || (attempt.most > task->reserved && booked > task->charged);
    if (attempt.state == AttemptState::failed && end.refunds_known && !exact)
      breach(fmt::format("law 6: failed attempt {} is booked with {}, billed {}", to_string(attempt.key),
                         to_string(booked), to_string(task->charged)));
  }
  // Law 6, as a whole: the ledger's own sums are ours, which come from its records alone.
  if (end.balance.committed() != sum)
    breach(fmt::format("law 6: the ledger's balance is {}, its records come to {}",
                       to_string(end.balance.committed()), to_string(sum)));
  // What is in doubt covers whatever of it the gateway billed.
  if (end.charges_known && end.refunds_known && charged > sum)
    breach(fmt::format("law 6: the gateway billed {}, the ledger knows of {}", to_string(charged),
                       to_string(sum)));
  for (auto const& [number, prompt] : end.prompts)
    if (!outcomes_.contains(number) && !rest_ended_) breach(fmt::format("task {} has no outcome", number));
}

}  // namespace callsheet::sim
