#include "orchestrator/ledger/memory_rows.hpp"

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/ledger/store_answers.hpp"

#include <set>
#include <variant>

namespace callsheet::ledger {

namespace {

/// The rows of a run as a record leaves them.
class MemoryRows {
 public:
  MemoryRows(StoredRun& run, AttemptStanding const& after) : run_{run}, after_{after} {}

  void operator()(Intent const& intent) {
    StoredAttempt& attempt = run_.attempts[intent.attempt];
    attempt.day = after_.day;
    attempt.record = {.key = intent.attempt,
                      .model = intent.model,
                      .quality = intent.quality,
                      .state = after_.state,
                      .task_id = {},
                      .idempotency_key = intent.idempotency_key,
                      .callback_token = intent.callback_token,
                      .request_body = intent.request_body,
                      .most = intent.most,
                      .balance = after_.balance,
                      .billed_by = {},
                      .groups = intent.groups,
                      .submitted = intent.at,
                      .gateway_ahead = intent.gateway_ahead,
                      .accepted = {},
                      .ended = {},
                      .failure = {},
                      .why = intent.why,
                      .waited = intent.waited,
                      .then = {}};
  }
  void operator()(IdReceived const& r) {
    AttemptRecord& attempt = changed(r.attempt);
    attempt.task_id = r.id;
    attempt.accepted = r.at;
  }
  void operator()(HoldRaised const& r) { changed(r.attempt); }
  void operator()(Settled const& r) {
    AttemptRecord& attempt = changed(r.attempt);
    attempt.billed_by = r.by;
    attempt.ended = r.at;
  }
  void operator()(Released const& r) { failed(r.attempt, r.failure, r.then, r.at); }
  void operator()(FailureBooked const& r) {
    failed(r.attempt, r.failure, r.then, r.at);
    if (r.charged) changed(r.attempt).billed_by = BilledBy::told;
  }
  void operator()(Doubted const& r) { failed(r.attempt, r.failure, "", std::nullopt); }
  void operator()(RefundSettled const& r) {
    AttemptRecord& attempt = changed(r.attempt);
    if (r.fate == RefundFate::denied) attempt.billed_by = BilledBy::hand;
    add(attempt, r.how);
  }
  void operator()(WrittenOff const& r) {
    AttemptRecord& attempt = changed(r.attempt);
    attempt.billed_by = BilledBy::hand;
    attempt.ended = r.at;
    add(attempt, r.how);
  }
  void operator()(ClipStored const& r) { run_.tasks[index(r.task)].clip = r.clip; }
  void operator()(ElementMade const& r) { run_.tasks[index(r.task)].element = r.id; }
  void operator()(TaskEnded const& r) {
    TaskRecord& task = run_.tasks[index(r.task)];
    end(task, r.outcome, r.why, r.at);
    task.made_by = r.made_by;
  }
  void operator()(RestEnded const& r) {
    for (TaskRecord& task : run_.tasks)
      if (task.outcome == TaskOutcome::outstanding && !task.ended && !task.clip && !run_.has_attempt(task.id))
        end(task, r.outcome, r.why, r.at);
  }
  void operator()(Noted const& r) { run_.notes.push_back({r.at, r.text}); }
  void operator()(TermsRenewed const& r) { run_.settings = r.settings; }
  void operator()(RunEnded const& r) {
    run_.status = r.status;
    run_.ended = r.status == RunStatus::running ? std::nullopt : std::optional{r.at};
  }

 private:
  AttemptRecord& changed(AttemptKey key) {
    AttemptRecord& attempt = run_.attempts.at(key).record;
    attempt.state = after_.state;
    attempt.balance = after_.balance;
    return attempt;
  }
  void failed(AttemptKey key, Failure const& failure, std::string const& then,
              std::optional<TimePoint> ended) {
    AttemptRecord& attempt = changed(key);
    attempt.failure = failure;
    attempt.then = then;
    attempt.ended = ended;
  }
  static void add(AttemptRecord& attempt, std::string const& how) {
    attempt.then += attempt.then.empty() ? how : "; " + how;
  }
  static void end(TaskRecord& task, TaskOutcome outcome, std::string const& why, TimePoint at) {
    task.outcome = outcome;
    task.why = why;
    task.ended = at;
  }

  StoredRun& run_;
  AttemptStanding const& after_;
};

}  // namespace

void apply(StoredRun& run, Record const& record, AttemptStanding const& after) {
  std::visit(MemoryRows{run, after}, record);
}

TaskRecord whole(StoredRun const& run, TaskRecord const& stored) {
  TaskRecord task = stored;
  for (auto it = run.attempts.lower_bound({task.id, 0});
       it != run.attempts.end() && it->first.task == task.id; ++it)
    task.attempts.push_back(it->second.record);
  return task;
}

RunSummary summary_of(StoredRun const& run) {
  RunSummary summary{.id = run.head.id,
                     .campaign = run.head.campaign,
                     .gateway = run.head.gateway,
                     .status = run.status,
                     .started = run.head.started,
                     .ended = run.ended,
                     .cap = run.caps.cap,
                     .balance = {}};
  for (auto const& [key, attempt] : run.attempts) summary.balance += attempt.record.balance;
  TaskCounts tasks;
  std::set<RunId> waiting_for;
  for (TaskRecord const& task : run.tasks) {
    tasks.add(task.outcome, 1);
    if (task.element) summary.elements.add(task.outcome, 1);
    if (task.outcome == TaskOutcome::waiting && task.made_by) waiting_for.insert(task.made_by->run);
    if (task.outcome == TaskOutcome::skipped) {
      summary.late += task.why.starts_with(past_deadline);
      summary.withdrawn += task.why.starts_with(withdrawn);
    }
  }
  set_counts(summary, tasks);
  summary.waiting_for.assign(waiting_for.begin(), waiting_for.end());
  return summary;
}

bool has_money_out(StoredRun const& run, TaskRecord const& task) {
  for (auto it = run.attempts.lower_bound({task.id, 0});
       it != run.attempts.end() && it->first.task == task.id; ++it) {
    AttemptState const state = it->second.record.state;
    if (is_open(state) || (state == AttemptState::finished && task.outcome == TaskOutcome::outstanding))
      return true;
  }
  return false;
}

}  // namespace callsheet::ledger
