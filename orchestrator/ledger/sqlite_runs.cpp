#include "orchestrator/ledger/sqlite_runs.hpp"

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/ledger/sqlite_conditions.hpp"
#include "orchestrator/ledger/sqlite_values.hpp"
#include "orchestrator/ledger/store_answers.hpp"

namespace callsheet::ledger {

std::optional<RunRow> find_run(SqliteStore& store, RunId const& id) {
  auto& select = store.prepared("SELECT run, gateway FROM runs WHERE id = ?");
  bind_text(select, 1, id.str());
  std::optional<RunRow> row;
  if (select.executeStep()) row = RunRow{select.getColumn(0).getInt64(), select.getColumn(1).getString()};
  select.reset();
  return row;
}

std::vector<std::int64_t> read_latest_runs(SqliteStore& store, int most) {
  std::vector<std::int64_t> rows;
  auto& select = store.prepared(
      "SELECT run FROM runs WHERE status <> 'planned' ORDER BY started DESC, run DESC LIMIT ?");
  select.bind(1, most);
  while (select.executeStep()) rows.push_back(select.getColumn(0).getInt64());
  select.reset();
  return rows;
}

std::vector<std::string> read_later_settings(SqliteStore& store, std::int64_t run) {
  auto& select = store.prepared(
      "SELECT later.settings FROM runs me JOIN runs later ON later.campaign = me.campaign "
      "AND later.gateway = me.gateway AND later.run > me.run "
      "WHERE me.run = ? AND later.status <> 'planned' ORDER BY later.run DESC");
  select.bind(1, run);
  std::vector<std::string> settings;
  while (select.executeStep()) settings.push_back(select.getColumn(0).getString());
  select.reset();
  return settings;
}

namespace {

std::vector<RunId> read_waiting_for(SqliteStore& store, std::int64_t run) {
  auto& select = store.prepared(
      "SELECT DISTINCT made_by FROM outcomes WHERE run = ? AND outcome = 'waiting' AND made_by <> '' "
      "ORDER BY made_by");
  select.bind(1, run);
  std::vector<RunId> others;
  while (select.executeStep()) others.emplace_back(select.getColumn(0).getString());
  select.reset();
  return others;
}

/// `all`: how many tasks the run has.
TaskCounts count_tasks(SqliteStore& store, std::int64_t run, int all) {
  TaskCounts tasks;
  auto& counts = store.prepared("SELECT outcome, count(*) FROM outcomes WHERE run = ? GROUP BY outcome");
  counts.bind(1, run);
  while (counts.executeStep()) {
    auto const outcome = parse_task_outcome(counts.getColumn(0).getString());
    if (outcome && outcome != TaskOutcome::outstanding) tasks.add(*outcome, counts.getColumn(1).getInt());
  }
  counts.reset();
  tasks.add(TaskOutcome::outstanding, all - tasks.all);
  return tasks;
}

void count_elements(SqliteStore& store, std::int64_t run, RunSummary& summary) {
  auto& elements = store.prepared(
      "SELECT coalesce(o.outcome, 'outstanding'), count(*) FROM elements e "
      "LEFT JOIN outcomes o ON o.run = e.run AND o.task = e.task WHERE e.run = ? GROUP BY 1");
  elements.bind(1, run);
  while (elements.executeStep()) {
    auto const outcome = parse_task_outcome(elements.getColumn(0).getString());
    summary.elements.add(outcome.value_or(TaskOutcome::outstanding), elements.getColumn(1).getInt());
  }
  elements.reset();
}

/// Why tasks were skipped that money did not keep out.
void count_reasons(SqliteStore& store, std::int64_t run, RunSummary& summary) {
  auto& reasons = store.prepared(
      "SELECT coalesce(sum(why LIKE ? || '%'), 0), coalesce(sum(why LIKE ? || '%'), 0) FROM outcomes "
      "WHERE run = ? AND outcome = 'skipped'");
  reasons.bind(1, std::string{past_deadline});
  reasons.bind(2, std::string{withdrawn});
  reasons.bind(3, run);
  if (reasons.executeStep()) {
    summary.late = reasons.getColumn(0).getInt();
    summary.withdrawn = reasons.getColumn(1).getInt();
  }
  reasons.reset();
}

}  // namespace

RunSummary read_summary(SqliteStore& store, std::int64_t run) {
  auto& select = store.prepared(
      "SELECT id, campaign, gateway, status, started, ended, cap, held, billed, refund_expected, "
      "(SELECT count(*) FROM tasks t WHERE t.run = runs.run) FROM runs WHERE run = ?");
  select.bind(1, run);
  RunSummary summary;
  if (!select.executeStep()) return summary;
  summary.id = RunId{select.getColumn(0).getString()};
  summary.campaign = select.getColumn(1).getString();
  summary.gateway = select.getColumn(2).getString();
  summary.status = parse_run_status(select.getColumn(3).getString()).value_or(RunStatus::interrupted);
  summary.started = time_from_sql(select.getColumn(4).getInt64());
  summary.ended = maybe_time_at(select, 5);
  summary.cap = credits_at(select, 6);
  summary.balance = balance_at(select, 7);
  int const tasks = select.getColumn(10).getInt();
  select.reset();
  set_counts(summary, count_tasks(store, run, tasks));
  count_elements(store, run, summary);
  if (summary.waiting > 0) summary.waiting_for = read_waiting_for(store, run);
  if (summary.skipped > 0) count_reasons(store, run, summary);
  return summary;
}

RunRecord read_run(SqliteStore& store, std::int64_t run) {
  RunRecord record;
  record.summary = read_summary(store, run);
  auto& select = store.prepared("SELECT settings, nonce FROM runs WHERE run = ?");
  select.bind(1, run);
  if (select.executeStep()) {
    record.settings = select.getColumn(0).getString();
    record.nonce = select.getColumn(1).getString();
  }
  select.reset();
  auto& routes = store.prepared("SELECT route, text FROM routes WHERE run = ? ORDER BY route");
  routes.bind(1, run);
  while (routes.executeStep()) {
    record.routes.resize(routes.getColumn(0).getUInt() + 1u);
    record.routes.back() = routes.getColumn(1).getString();
  }
  routes.reset();
  auto& notes = store.prepared("SELECT at, text FROM notes WHERE run = ? ORDER BY note");
  notes.bind(1, run);
  while (notes.executeStep())
    record.notes.push_back(
        {.at = time_from_sql(notes.getColumn(0).getInt64()), .text = notes.getColumn(1).getString()});
  notes.reset();
  return record;
}

EndedTasks read_ended_tasks(SqliteStore& store, std::int64_t run) {
  EndedTasks ended;
  // A doubt with an open attempt of its own is looked into again; any other is another run's.
  static std::string const needs_nothing = "(o.outcome <> 'in_doubt' OR NOT " + has_open_attempt("o") + ")";
  static std::string const outcomes =
      "SELECT outcome, count(*) FROM outcomes o WHERE run = ? AND NOT EXISTS (SELECT 1 FROM elements e "
      "WHERE e.run = o.run AND e.task = o.task) AND " +
      needs_nothing + " GROUP BY outcome";
  auto& counts = store.prepared(outcomes.c_str());
  counts.bind(1, run);
  while (counts.executeStep()) {
    std::int64_t const count = counts.getColumn(1).getInt64();
    auto const outcome = parse_task_outcome(counts.getColumn(0).getString());
    if (outcome == TaskOutcome::made) ended.made = count;
    if (outcome == TaskOutcome::mismatched) ended.mismatched = count;
    if (outcome == TaskOutcome::failed) ended.failed = count;
    if (outcome == TaskOutcome::in_doubt) ended.in_doubt = count;
    if (outcome == TaskOutcome::skipped) ended.skipped = count;
  }
  counts.reset();
  static std::string const balances =
      "SELECT a.groups, sum(a.held), sum(a.billed), sum(a.refund_expected), "
      "sum(a.state <> 'refused' AND NOT EXISTS (SELECT 1 FROM elements e WHERE e.run = a.run "
      "AND e.task = a.task)) FROM attempts a JOIN outcomes o ON o.run = a.run AND o.task = a.task WHERE a.run = ? "
      "AND o.outcome <> 'outstanding' AND " +
      needs_nothing + " GROUP BY a.groups ORDER BY a.groups";
  auto& money = store.prepared(balances.c_str());
  money.bind(1, run);
  while (money.executeStep()) {
    ended.money.push_back(
        {.groups = parse_groups(money.getColumn(0).getString()), .balance = balance_at(money, 1)});
    ended.attempts += money.getColumn(4).getInt64();
  }
  money.reset();
  auto& dearer = store.prepared(
      "SELECT DISTINCT model FROM attempts WHERE run = ? AND held + billed + refund_expected > most "
      "ORDER BY model");
  dearer.bind(1, run);
  while (dearer.executeStep()) ended.dearer.emplace_back(dearer.getColumn(0).getString());
  dearer.reset();
  return ended;
}

std::vector<Entry> read_entries(SqliteStore& store, std::int64_t run, std::optional<TaskId> task) {
  auto& select = store.prepared(
      "SELECT at, task, ordinal, from_account, to_account, amount, reason FROM entries WHERE run = ?1 "
      "AND (?2 IS NULL OR task = ?2) ORDER BY entry");
  select.bind(1, run);
  if (task)
    select.bind(2, to_sql(*task));
  else
    select.bind(2);
  std::vector<Entry> entries;
  while (select.executeStep())
    entries.push_back({.at = time_from_sql(select.getColumn(0).getInt64()),
                       .attempt = {task_at(select, 1), select.getColumn(2).getUInt()},
                       .from = parse_account(select.getColumn(3).getString()).value_or(Account::available),
                       .to = parse_account(select.getColumn(4).getString()).value_or(Account::available),
                       .amount = credits_at(select, 5),
                       .reason = select.getColumn(6).getString()});
  select.reset();
  return entries;
}

}  // namespace callsheet::ledger
