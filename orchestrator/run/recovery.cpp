#include "orchestrator/run/recovery.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace callsheet::run {

namespace {

tl::unexpected<Error> damaged(RunId const& id) {
  return fail(Code::ledger_unavailable, fmt::format("run '{}' cannot be read back from the ledger", id.str()),
              "it may come from another version of callsheet");
}

/// What is older counts for less: gateways change.
constexpr double weight_of_history = 0.5;

/// "step:came:ended step:came:ended …"
std::string steps_text(std::vector<engine::DurationKnowledge::Step> const& steps) {
  std::string text;
  for (auto const& one : steps)
    text +=
        fmt::format("{}{}:{:.3f}:{:.3f}", text.empty() ? "" : " ", one.step, one.came_that_far, one.ended);
  return text;
}

/// What cannot be read is left out: it would only have saved some reads.
std::vector<engine::DurationKnowledge::Step> parse_steps(std::string_view text) {
  std::vector<engine::DurationKnowledge::Step> steps;
  char const* at = text.data();
  char const* const end = at + text.size();
  while (at < end) {
    engine::DurationKnowledge::Step one;
    auto const step = std::from_chars(at, end, one.step);
    if (step.ec != std::errc{} || step.ptr == end) break;
    auto const came = std::from_chars(step.ptr + 1, end, one.came_that_far);
    if (came.ec != std::errc{} || came.ptr == end) break;
    auto const ended = std::from_chars(came.ptr + 1, end, one.ended);
    if (ended.ec != std::errc{}) break;
    steps.push_back(one);
    at = ended.ptr + 1;
  }
  return steps;
}

Duration longest_window(Limits const& limits) {
  std::chrono::milliseconds longest{0};
  if (limits.rate) longest = limits.rate->window;
  for (auto const& [model, one] : limits.models)
    if (one.rate) longest = std::max(longest, one.rate->window);
  return longest;
}

bool failed_with(ledger::AttemptRecord const& attempt, FailureKind kind) {
  return attempt.failure && attempt.failure->kind == kind;
}

engine::Earlier earlier_of(ledger::EndedTasks const& ended, int clips) {
  engine::Earlier earlier;
  for (auto const& money : ended.money)
    earlier.money.push_back({.groups = money.groups,
                             .held = money.balance.held,
                             .spent = money.balance.billed + money.balance.refund_expected});
  earlier.tally = {.tasks = clips,
                   .made = ended.made,
                   .mismatched = ended.mismatched,
                   .failed = ended.failed,
                   .in_doubt = ended.in_doubt,
                   .skipped = ended.skipped,
                   .attempts = ended.attempts,
                   .spent = {}};
  for (auto const& money : earlier.money) earlier.tally.spent += money.spent;
  earlier.dearer = ended.dearer;
  return earlier;
}

}  // namespace

TimePoint deadline_of(plan::PlannedTask const& task, RunState const& run) {
  TimePoint deadline = TimePoint::max();
  for (std::optional<Deadline> const& one : {task.deadline, run.terms.deadline})
    if (one) deadline = std::min(deadline, one->of_run(run.started));
  return deadline;
}

Result<RunState> open_run(ledger::Ledger& ledger, RunId const& id, TimePoint now) {
  auto record = ledger.run(id);
  if (!record) return fail(record.error());
  auto terms = plan::decode_terms(record->settings);
  if (!terms) return damaged(id);
  RunState run;
  run.id = id;
  run.gateway = record->summary.gateway;
  run.nonce = record->nonce;
  run.terms = *std::move(terms);
  run.started = record->summary.started;
  ledger::TaskCounts const clips = record->summary.clips();
  run.clips = clips.all;
  run.done = clips.all - clips.to_go();
  run.balance = record->summary.balance;
  for (std::string const& text : record->routes) {
    auto route = plan::decode_route(text);
    if (!route || route->candidates.empty()) return damaged(id);
    run.routes.push_back(std::make_shared<plan::Route const>(*std::move(route)));
  }
  auto const ended = ledger.ended_tasks(id);
  if (!ended) return fail(ended.error());
  run.earlier = earlier_of(*ended, run.clips);
  run.earlier.reads_until = now;
  if (Duration const window = longest_window(run.terms.limits); window > Duration{0}) {
    auto creates = ledger.creates_since(run.gateway, now - window, now);
    if (!creates) return fail(creates.error());
    run.earlier.creates = *std::move(creates);
  }
  auto const durations = ledger.durations(run.gateway);
  if (!durations) return fail(durations.error());
  run.durations = durations_from(*durations);
  for (auto& [kind, steps] : run.durations)
    for (auto& step : steps) {
      step.came_that_far *= weight_of_history;
      step.ended *= weight_of_history;
    }
  auto elements = ledger.elements(id);
  if (!elements) return fail(elements.error());
  run.elements = *std::move(elements);
  auto pending = ledger.pending(id);
  if (!pending) return fail(pending.error());
  run.pending = *std::move(pending);
  return run;
}

Result<LoadedTask> load_task(ledger::TaskRecord record, RunState const& run) {
  auto planned = plan::decode_task(record.spec);
  if (!planned || record.route >= run.routes.size()) return damaged(run.id);
  planned->route = run.routes[record.route];
  return LoadedTask{.id = record.id,
                    .plan = *std::move(planned),
                    .clip = std::move(record.clip),
                    .attempts = std::move(record.attempts)};
}

std::vector<engine::PastAttempt> past_of(LoadedTask const& task, std::optional<Duration> gateway_ahead) {
  std::vector<engine::PastAttempt> past;
  past.reserve(task.attempts.size());
  for (ledger::AttemptRecord const& attempt : task.attempts) {
    bool const dated = gateway_ahead && attempt.gateway_ahead;
    bool const over = attempt.state == AttemptState::refused || attempt.state == AttemptState::failed;
    Duration const set_by = dated ? *attempt.gateway_ahead - *gateway_ahead : Duration{0};
    past.push_back({.ordinal = attempt.key.ordinal,
                    .candidate = {.model = attempt.model,
                                  .quality = attempt.quality,
                                  .expected = {},
                                  .most = attempt.most},
                    .state = attempt.state,
                    .id = attempt.task_id,
                    .held = attempt.balance.held,
                    .spent = attempt.balance.billed + attempt.balance.refund_expected,
                    .submitted = attempt.submitted + set_by,
                    .dated = dated,
                    .content_refused = over && failed_with(attempt, FailureKind::content_refused)});
  }
  return past;
}

std::map<engine::PollKind, std::vector<engine::DurationKnowledge::Step>> durations_from(
    std::vector<ledger::DurationHistory> const& history) {
  std::map<engine::PollKind, std::vector<engine::DurationKnowledge::Step>> durations;
  for (ledger::DurationHistory const& one : history)
    durations[{one.model, one.quality, one.duration, one.sound}] = parse_steps(one.steps);
  return durations;
}

std::vector<ledger::DurationHistory> history_of(
    std::map<engine::PollKind, engine::DurationKnowledge> const& knowledge) {
  std::vector<ledger::DurationHistory> history;
  for (auto const& [kind, known] : knowledge) {
    auto const steps = known.steps();
    if (steps.empty()) continue;
    history.push_back({.model = kind.model,
                       .quality = kind.quality,
                       .duration = kind.duration,
                       .sound = kind.sound,
                       .steps = steps_text(steps)});
  }
  return history;
}

}  // namespace callsheet::run
