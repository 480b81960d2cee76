#include "tests/sim/world.hpp"

#include "orchestrator/core/overloaded.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::sim {

using namespace std::chrono_literals;
using namespace callsheet::engine;

namespace {

constexpr int steps_most = 50'000;

Failure failure(FailureKind kind) {
  return {.kind = kind, .message = std::string{to_string(kind)}};
}

}  // namespace

World::World(std::uint64_t seed) : random_{seed} {
  draw();
  build_engine();
}

void World::draw() {
  auto const pick = [&](int least, int most) { return static_cast<int>(random_.between(least, most)); };
  weather_ = {.tasks = pick(1, 40),
              .idempotent = chance(50),
              .lost_answers_percent = pick(0, 30),
              .refused_percent = pick(0, 40),
              .failed_percent = pick(0, 30),
              .lost_reads_percent = pick(0, 30),
              .crash_percent = chance(40) ? 1 : 0};
  settings_.limits.in_flight = pick(1, 12);
  if (chance(60)) settings_.limits.rate = Rate{pick(1, 20), std::chrono::milliseconds{pick(1'000, 60'000)}};
  settings_.budget.cap = Credits::whole(pick(20, 1'500));
  if (chance(30)) settings_.budget.per_task = Credits::whole(pick(30, 90));
  settings_.budget.when_short = static_cast<WhenShort>(pick(0, 2));
  if (weather_.idempotent && chance(50)) settings_.idempotency = Idempotency::honoured;
  for (int i = 0; i < weather_.tasks; ++i) {
    TaskSpec spec{.route = {}, .priority = pick(0, 2), .has_inputs = chance(40), .past = {}};
    int const candidates = pick(1, 3);
    for (int c = 0; c < candidates; ++c) {
      Credits const price = Credits::from_units(270'000 + c * 50'000 + pick(0, 9'999));
      spec.route.candidates.push_back({.model = ModelId{fmt::format("model-{}", c)},
                                       .quality = c == 2 ? Quality::p720 : Quality::p1080,
                                       .expected = price,
                                       .most = price});
    }
    specs_.push_back(std::move(spec));
  }
}

void World::build_engine() {
  engine_.emplace(settings_, 7);
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    TaskId const id{static_cast<std::uint32_t>(i)};
    std::vector<PastAttempt> past;
    for (auto const& [ordinal, kept] : ledger_[id]) past.push_back(kept.past);
    auto const outcome = outcomes_.find(id);
    bool const goes_on = outcome == outcomes_.end() || outcome->second == TaskOutcome::outstanding ||
                         outcome->second == TaskOutcome::in_doubt;
    if (!goes_on) {
      engine_->add_ended(past);
      continue;
    }
    TaskSpec spec = specs_[i];
    spec.past = std::move(past);
    engine_->add(std::move(spec));
  }
}

void World::run() {
  for (int step = 0; step < steps_most && breaches_.empty(); ++step) {
    if (chance(weather_.crash_percent) && crashes_ < 5) crash();
    while (std::optional<Action> action = engine_->next(now_)) {
      carry_out(*action);
      // Only these move money or send anything.
      if (std::holds_alternative<Submit>(*action) || std::holds_alternative<Replay>(*action) ||
          std::holds_alternative<Settle>(*action) || std::holds_alternative<BookFailure>(*action))
        check();
    }
    if (engine_->finished()) return;
    std::optional<TimePoint> next = engine_->wake_at(now_);
    auto const first = std::min_element(inbox_.begin(), inbox_.end(), [](Due const& a, Due const& b) {
      return std::pair{a.at, a.order} < std::pair{b.at, b.order};
    });
    if (first != inbox_.end() && (!next || first->at <= *next)) {
      now_ = std::max(now_, first->at);
      Event const event = first->event;
      inbox_.erase(first);
      trace_ += fmt::format("{} event {}\n", now_.time_since_epoch().count(), event.index());
      engine_->on(event, now_);
    } else if (next) {
      now_ = std::max(now_, *next);
    } else {
      expect(false, "the engine waits for nothing and is not finished");
    }
  }
  expect(engine_->finished() || !breaches_.empty(), "the run ends");
}

void World::carry_out(Action const& action) {
  trace_ += fmt::format("{} action {}\n", now_.time_since_epoch().count(), action.index());
  std::visit(
      Overloaded{
          [&](Prepare const& order) {
            if (chance(weather_.lost_reads_percent / 2))
              later(50ms, PrepareFailed{order.task, failure(FailureKind::not_sent)});
            else
              later(50ms, Prepared{order.task});
          },
          [&](Submit const& order) {
            expect(engine_->standing().in_flight <= settings_.limits.in_flight,
                   "law 5: nothing is submitted beyond the in-flight limit");
            ledger_[order.attempt.task][order.attempt.ordinal] = {.past = {.ordinal = order.attempt.ordinal,
                                                                           .candidate = order.candidate,
                                                                           .state = AttemptState::submitting,
                                                                           .id = {},
                                                                           .held = order.candidate.most,
                                                                           .spent = {},
                                                                           .submitted = now_},
                                                                  .candidate = order.candidate};
            creates_.push_back(now_);
            create(order.attempt, order.candidate);
          },
          [&](Replay const& order) {
            expect(settings_.idempotency == Idempotency::honoured || weather_.idempotent,
                   "a create request is sent twice only where keys are honoured");
            create(order.attempt, ledger_[order.attempt.task][order.attempt.ordinal].candidate);
          },
          [&](Poll const& order) { answer_poll(order); },
          [&](Fetch const& order) {
            if (chance(weather_.lost_reads_percent))
              later(200ms, FetchFailed{order.attempt, failure(FailureKind::temporary),
                                       chance(30) ? LinkState::dead : LinkState::alive});
            else {
              files_.insert(order.attempt.task);
              later(200ms, Fetched{order.attempt});
            }
          },
          [&](Settle const& order) {
            attempt(order.attempt).state = AttemptState::finished;
            attempt(order.attempt).held = Credits{};
            attempt(order.attempt).spent = order.billed;
          },
          [&](Release const& order) {
            attempt(order.attempt).state = AttemptState::refused;
            attempt(order.attempt).held = Credits{};
          },
          [&](BookFailure const& order) {
            PastAttempt& booked = attempt(order.attempt);
            booked.state = AttemptState::failed;
            if (order.refund == Refund::expected) booked.spent = booked.held;
            booked.held = Credits{};
          },
          [&](MarkInDoubt const& order) { attempt(order.attempt).state = AttemptState::in_doubt; },
          [&](Finish const& order) {
            expect(!outcomes_.contains(order.task) || outcomes_[order.task] == TaskOutcome::outstanding ||
                       outcomes_[order.task] == TaskOutcome::in_doubt,
                   "a task ends once");
            outcomes_[order.task] = order.outcome;
            expect(order.outcome != TaskOutcome::made || files_.contains(order.task),
                   "a made clip has its file");
          },
      },
      action);
}

void World::create(AttemptKey key, plan::Candidate const& candidate) {
  Duration const wait{random_.between(20'000, 900'000)};
  auto const known = by_key_.find(key);
  if (known == by_key_.end() && chance(weather_.refused_percent)) {
    constexpr FailureKind kinds[] = {FailureKind::not_sent, FailureKind::rate_limited,
                                     FailureKind::model_unavailable, FailureKind::temporary,
                                     FailureKind::content_refused};
    later(wait, Refused{key, failure(kinds[random_.between(0, 4)])});
    return;
  }
  if (known == by_key_.end() || !weather_.idempotent) {
    GatewayTaskId const id{fmt::format("task-unified-{}", gateway_.size())};
    gateway_[id] = {.attempt = key,
                    .price = candidate.expected,
                    .failed = chance(weather_.failed_percent),
                    .done = now_ + Duration{random_.between(1'000'000, 300'000'000)}};
    by_key_[key] = id;
  }
  if (chance(weather_.lost_answers_percent)) {
    later(30s, SubmitUnknown{key, failure(FailureKind::unknown)});
    return;
  }
  if (weather_.idempotent && settings_.idempotency == Idempotency::unknown && chance(20)) {
    settings_.idempotency = Idempotency::honoured;  // as the ledger would remember it
    later(wait, IdempotencySeen{});
  }
  attempt(key).id = by_key_[key];
  attempt(key).state = AttemptState::running;
  later(wait, Submitted{key, by_key_[key], candidate.expected, 60s});
}

void World::answer_poll(Poll const& order) {
  Duration const wait{random_.between(10'000, 400'000)};
  if (chance(weather_.lost_reads_percent))
    return later(wait, PollFailed{order.attempt, failure(FailureKind::not_sent)});
  Bill const& bill = gateway_.at(order.id);
  Polled news{.attempt = order.attempt, .links = {}, .failure = {}, .charged = {}};
  if (now_ >= bill.done) {
    news.progress = bill.failed ? Progress::failed : Progress::completed;
    news.links = {"https://media.example/clip.mp4"};
    news.failure = failure(chance(50) ? FailureKind::temporary : FailureKind::content_refused);
    news.charged = bill.price;
  }
  later(wait, std::move(news));
}

/// Everything in memory is gone; what was durable comes back through the same door as `resume`.
void World::crash() {
  ++crashes_;
  trace_ += fmt::format("{} crash\n", now_.time_since_epoch().count());
  inbox_.clear();
  build_engine();
}

void World::check() {
  Credits committed;
  for (auto const& [task, attempts] : ledger_) {
    Credits of_task;
    for (auto const& [ordinal, kept] : attempts) of_task += kept.past.held + kept.past.spent;
    committed += of_task;
    expect(!settings_.budget.per_task || of_task <= *settings_.budget.per_task,
           "law 1: a task is within its cap");
  }
  expect(committed <= settings_.budget.cap, "law 1: billed + held is within the run's cap");

  std::map<AttemptKey, int> landed;
  for (auto const& [id, bill] : gateway_) ++landed[bill.attempt];
  for (auto const& [key, times] : landed) expect(times == 1, "law 2: no attempt lands twice");
  std::map<TaskId, int> good;
  for (auto const& [id, bill] : gateway_)
    if (!bill.failed) ++good[bill.attempt.task];
  for (auto const& [task, times] : good) expect(times == 1, "law 2: no task is paid for twice");

  if (settings_.limits.rate) {
    Rate const rate = *settings_.limits.rate;
    auto const recent = std::count_if(creates_.begin(), creates_.end(),
                                      [&](TimePoint at) { return at > now_ - Duration{rate.window}; });
    expect(recent <= rate.count || crashes_ > 0, "law 5: no window holds more submissions than its rate");
  }
}

void World::expect(bool holds, std::string const& law) {
  if (!holds) breaches_.push_back(fmt::format("at {} us: {}", now_.time_since_epoch().count(), law));
}

void World::later(Duration wait, Event event) {
  inbox_.push_back({now_ + wait, order_++, std::move(event)});
}

}  // namespace callsheet::sim
