// Reads runs back, whole or in pieces. Nothing here changes anything.

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <algorithm>
#include <filesystem>

namespace callsheet::ledger {

namespace {

Credits credits(SQLite::Column const& column) {
  return Credits::from_units(column.getInt64());
}

std::optional<TimePoint> maybe_time(SQLite::Column const& column) {
  return column.isNull() ? std::nullopt : std::optional{time_from_sql(column.getInt64())};
}

Quality quality(SQLite::Column const& column) {
  return parse_quality(column.getString()).value_or(Quality::p720);
}

std::optional<ClipRecord> maybe_clip(SQLite::Statement& select, int first) {
  if (select.getColumn(first).isNull()) return std::nullopt;
  return ClipRecord{.path = select.getColumn(first).getString(),
                    .size_bytes = static_cast<std::uint64_t>(select.getColumn(first + 1).getInt64()),
                    .width = select.getColumn(first + 2).getInt(),
                    .height = select.getColumn(first + 3).getInt(),
                    .length = std::chrono::milliseconds{select.getColumn(first + 4).getInt64()},
                    .has_sound = select.getColumn(first + 5).getInt() != 0,
                    .sha256 = ContentDigest{select.getColumn(first + 6).getString()}};
}

constexpr char const* task_columns =
    "SELECT t.task, t.identity, t.name, t.take, t.priority, t.route, t.spec, o.outcome, o.why, o.ended, "
    "o.made_by, o.made_by_model, o.made_at_quality, o.path, o.size_bytes, o.width, o.height, o.length_ms, "
    "o.has_sound, o.sha256, e.id FROM tasks t LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task "
    "LEFT JOIN elements e ON e.run = t.run AND e.task = t.task ";

TaskRecord task_from(SQLite::Statement& select) {
  TaskRecord task;
  task.id = TaskId{select.getColumn(0).getUInt()};
  task.identity = TaskIdentity{select.getColumn(1).getString()};
  task.name = select.getColumn(2).getString();
  task.take = select.getColumn(3).getInt();
  task.priority = select.getColumn(4).getInt();
  task.route = select.getColumn(5).getUInt();
  task.spec = select.getColumn(6).getString();
  if (!select.getColumn(20).isNull()) task.element = select.getColumn(20).getString();
  if (select.getColumn(7).isNull()) return task;
  task.outcome = parse_task_outcome(select.getColumn(7).getString()).value_or(TaskOutcome::outstanding);
  task.why = select.getColumn(8).getString();
  task.ended = maybe_time(select.getColumn(9));
  if (std::string const run_id = select.getColumn(10).getString(); !run_id.empty())
    task.made_by = Origin{.run = RunId{run_id},
                          .model = ModelId{select.getColumn(11).getString()},
                          .quality = quality(select.getColumn(12))};
  task.clip = maybe_clip(select, 13);
  return task;
}

constexpr char const* attempt_columns =
    "SELECT task, ordinal, model, quality, state, gateway_task_id, idempotency_key, callback_token, "
    "request_body, most, held, billed, refund_expected, billed_by, groups, why, waited, submitted, accepted, "
    "ended, failure_kind, failure_code, failure_message, failure_request_id, after, gateway_ahead "
    "FROM attempts ";

AttemptRecord attempt_from(SQLite::Statement& select) {
  AttemptRecord attempt;
  attempt.key = {TaskId{select.getColumn(0).getUInt()}, select.getColumn(1).getUInt()};
  attempt.model = ModelId{select.getColumn(2).getString()};
  attempt.quality = quality(select.getColumn(3));
  attempt.state = parse_attempt_state(select.getColumn(4).getString()).value_or(AttemptState::in_doubt);
  attempt.task_id = GatewayTaskId{select.getColumn(5).getString()};
  attempt.idempotency_key = select.getColumn(6).getString();
  attempt.callback_token = select.getColumn(7).getString();
  attempt.request_body = select.getColumn(8).getString();
  attempt.most = credits(select.getColumn(9));
  attempt.balance = {.held = credits(select.getColumn(10)),
                     .billed = credits(select.getColumn(11)),
                     .refund_expected = credits(select.getColumn(12))};
  if (!select.getColumn(13).isNull()) attempt.billed_by = parse_billed_by(select.getColumn(13).getString());
  attempt.groups = parse_groups(select.getColumn(14).getString());
  attempt.why = select.getColumn(15).getString();
  attempt.waited = select.getColumn(16).getString();
  attempt.submitted = time_from_sql(select.getColumn(17).getInt64());
  attempt.accepted = maybe_time(select.getColumn(18));
  attempt.ended = maybe_time(select.getColumn(19));
  if (!select.getColumn(20).isNull())
    attempt.failure = Failure{
        .kind = parse_failure_kind(select.getColumn(20).getString()).value_or(FailureKind::unknown),
        .code = select.getColumn(21).getString(),
        .message = select.getColumn(22).getString(),
        .request_id = select.getColumn(23).getString(),
    };
  attempt.then = select.getColumn(24).getString();
  if (!select.getColumn(25).isNull()) attempt.gateway_ahead = Duration{select.getColumn(25).getInt64()};
  return attempt;
}

/// Hands each attempt of a range of tasks to its task; both by task number.
void read_attempts(SqliteStore& store, std::int64_t run, std::vector<TaskRecord>& tasks) {
  if (tasks.empty()) return;
  static std::string const sql =
      std::string{attempt_columns} + "WHERE run = ? AND task BETWEEN ? AND ? ORDER BY task, ordinal";
  auto& select = store.prepared(sql.c_str());
  select.bind(1, run);
  select.bind(2, to_sql(tasks.front().id));
  select.bind(3, to_sql(tasks.back().id));
  auto task = tasks.begin();
  while (select.executeStep()) {
    TaskId const id{select.getColumn(0).getUInt()};
    while (task != tasks.end() && task->id < id) ++task;
    if (task != tasks.end() && task->id == id) task->attempts.push_back(attempt_from(select));
  }
  select.reset();
}

}  // namespace

std::optional<AttemptStanding> read_standing(SqliteStore& store, std::int64_t run, AttemptKey attempt) {
  auto& select = store.prepared(
      "SELECT state, held, billed, refund_expected, day, groups FROM attempts WHERE run = ? AND task = ? "
      "AND ordinal = ?");
  select.bind(1, run);
  select.bind(2, to_sql(attempt.task));
  select.bind(3, static_cast<std::int64_t>(attempt.ordinal));
  std::optional<AttemptStanding> standing;
  if (select.executeStep())
    standing = AttemptStanding{
        .state = parse_attempt_state(select.getColumn(0).getString()).value_or(AttemptState::submitting),
        .balance = {.held = credits(select.getColumn(1)),
                    .billed = credits(select.getColumn(2)),
                    .refund_expected = credits(select.getColumn(3))},
        .day = select.getColumn(4).getInt64(),
        .groups = parse_groups(select.getColumn(5).getString())};
  select.reset();
  return standing;
}

Credits read_day(SqliteStore& store, std::string const& gateway, std::int64_t day) {
  auto& select = store.prepared("SELECT committed FROM days WHERE gateway = ? AND day = ?");
  bind_text(select, 1, gateway);
  select.bind(2, day);
  Credits const committed = Credits::from_units(select.executeStep() ? select.getColumn(0).getInt64() : 0);
  select.reset();
  return committed;
}

std::optional<RunRow> find_run(SqliteStore& store, RunId const& id) {
  auto& select = store.prepared("SELECT run, gateway FROM runs WHERE id = ?");
  bind_text(select, 1, id.str());
  std::optional<RunRow> row;
  if (select.executeStep()) row = RunRow{select.getColumn(0).getInt64(), select.getColumn(1).getString()};
  select.reset();
  return row;
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
  summary.ended = maybe_time(select.getColumn(5));
  summary.cap = credits(select.getColumn(6));
  summary.balance = {.held = credits(select.getColumn(7)),
                     .billed = credits(select.getColumn(8)),
                     .refund_expected = credits(select.getColumn(9))};
  summary.tasks = select.getColumn(10).getInt();
  select.reset();
  summary.outstanding = summary.tasks;
  auto& counts = store.prepared("SELECT outcome, count(*) FROM outcomes WHERE run = ? GROUP BY outcome");
  counts.bind(1, run);
  while (counts.executeStep()) {
    int const count = counts.getColumn(1).getInt();
    auto const outcome =
        parse_task_outcome(counts.getColumn(0).getString()).value_or(TaskOutcome::outstanding);
    if (outcome != TaskOutcome::outstanding) summary.outstanding -= count;
    switch (outcome) {
      case TaskOutcome::outstanding:
        break;
      case TaskOutcome::made:
        summary.made += count;
        break;
      case TaskOutcome::mismatched:
        summary.mismatched += count;
        break;
      case TaskOutcome::reused:
        summary.reused += count;
        break;
      case TaskOutcome::failed:
        summary.failed += count;
        break;
      case TaskOutcome::in_doubt:
        summary.in_doubt += count;
        break;
      case TaskOutcome::waiting:
        summary.waiting += count;
        break;
      case TaskOutcome::skipped:
        summary.skipped += count;
        break;
    }
  }
  counts.reset();
  auto& elements = store.prepared(
      "SELECT coalesce(o.outcome, 'outstanding'), count(*) FROM elements e "
      "LEFT JOIN outcomes o ON o.run = e.run AND o.task = e.task WHERE e.run = ? GROUP BY 1");
  elements.bind(1, run);
  while (elements.executeStep()) {
    auto const outcome = parse_task_outcome(elements.getColumn(0).getString());
    summary.elements.add(outcome.value_or(TaskOutcome::outstanding), elements.getColumn(1).getInt());
  }
  elements.reset();
  if (summary.waiting > 0) summary.waiting_for = read_waiting_for(store, run);
  if (summary.skipped == 0) return summary;
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

std::vector<TaskRecord> read_tasks(SqliteStore& store, std::int64_t run, TaskId first, std::size_t most) {
  static std::string const sql =
      std::string{task_columns} + "WHERE t.run = ? AND t.task >= ? ORDER BY t.task LIMIT ?";
  auto& select = store.prepared(sql.c_str());
  select.bind(1, run);
  select.bind(2, to_sql(first));
  select.bind(3, static_cast<std::int64_t>(most));
  std::vector<TaskRecord> tasks;
  while (select.executeStep()) tasks.push_back(task_from(select));
  select.reset();
  read_attempts(store, run, tasks);
  return tasks;
}

UnderWay read_under_way(SqliteStore& store, std::int64_t run, std::size_t most) {
  auto& select = store.prepared(
      "SELECT DISTINCT a.task FROM attempts a LEFT JOIN outcomes o ON o.run = a.run AND o.task = a.task "
      "WHERE a.run = ? AND a.state IN ('submitting', 'running', 'in_doubt', 'finished') "
      "AND coalesce(o.outcome, 'outstanding') = 'outstanding' ORDER BY a.task");
  select.bind(1, run);
  std::vector<TaskId> first;
  UnderWay under_way;
  for (; select.executeStep(); ++under_way.all)
    if (first.size() < most) first.push_back(TaskId{select.getColumn(0).getUInt()});
  select.reset();
  for (TaskId const id : first)
    if (auto task = read_task(store, run, id)) under_way.tasks.push_back(*std::move(task));
  return under_way;
}

std::vector<TaskRecord> read_latest_ends(SqliteStore& store, std::int64_t run, std::size_t most) {
  auto& select = store.prepared(
      "SELECT task FROM outcomes WHERE run = ? AND outcome IN ('made', 'mismatched', 'failed', 'in_doubt') "
      "ORDER BY ended DESC, task DESC LIMIT ?");
  select.bind(1, run);
  select.bind(2, static_cast<std::int64_t>(most));
  std::vector<TaskId> latest;
  while (select.executeStep()) latest.push_back(TaskId{select.getColumn(0).getUInt()});
  select.reset();
  std::vector<TaskRecord> tasks;
  for (TaskId const id : latest)
    if (auto task = read_task(store, run, id)) tasks.push_back(*std::move(task));
  return tasks;
}

std::optional<TaskRecord> read_task(SqliteStore& store, std::int64_t run, TaskId task) {
  std::vector<TaskRecord> tasks = read_tasks(store, run, task, 1);
  if (tasks.empty() || tasks.front().id != task) return std::nullopt;
  return std::move(tasks.front());
}

EndedTasks read_ended_tasks(SqliteStore& store, std::int64_t run) {
  EndedTasks ended;
  // A doubt with an open attempt of its own is looked into again; any other is another run's.
  auto& counts = store.prepared(
      "SELECT outcome, count(*) FROM outcomes o WHERE run = ? AND NOT EXISTS (SELECT 1 FROM elements e "
      "WHERE e.run = o.run AND e.task = o.task) AND (outcome <> 'in_doubt' OR NOT EXISTS "
      "(SELECT 1 FROM attempts a WHERE a.run = o.run AND a.task = o.task "
      "AND a.state IN ('submitting', 'running', 'in_doubt'))) GROUP BY outcome");
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
  auto& money = store.prepared(
      "SELECT a.groups, sum(a.held), sum(a.billed), sum(a.refund_expected), "
      "sum(a.state <> 'refused' AND NOT EXISTS (SELECT 1 FROM elements e WHERE e.run = a.run "
      "AND e.task = a.task)) FROM attempts a JOIN outcomes o ON o.run = a.run AND o.task = a.task WHERE a.run = ? "
      "AND o.outcome <> 'outstanding' AND (o.outcome <> 'in_doubt' OR NOT EXISTS "
      "(SELECT 1 FROM attempts b WHERE b.run = o.run AND b.task = o.task "
      "AND b.state IN ('submitting', 'running', 'in_doubt'))) GROUP BY a.groups ORDER BY a.groups");
  money.bind(1, run);
  while (money.executeStep()) {
    ended.money.push_back({.groups = parse_groups(money.getColumn(0).getString()),
                           .balance = {.held = credits(money.getColumn(1)),
                                       .billed = credits(money.getColumn(2)),
                                       .refund_expected = credits(money.getColumn(3))}});
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

std::vector<ElementTask> read_elements(SqliteStore& store, std::int64_t run) {
  auto& select = store.prepared(
      "SELECT e.task, t.identity, e.id, coalesce(o.outcome, 'outstanding'), coalesce(o.why, ''), EXISTS "
      "(SELECT 1 FROM attempts a WHERE a.run = e.run AND a.task = e.task "
      "AND a.state IN ('submitting', 'running', 'in_doubt')) FROM elements e "
      "JOIN tasks t ON t.run = e.run AND t.task = e.task "
      "LEFT JOIN outcomes o ON o.run = e.run AND o.task = e.task WHERE e.run = ? ORDER BY e.task");
  select.bind(1, run);
  std::vector<ElementTask> elements;
  while (select.executeStep()) {
    auto const outcome =
        parse_task_outcome(select.getColumn(3).getString()).value_or(TaskOutcome::outstanding);
    bool const open = select.getColumn(5).getInt() != 0;
    elements.push_back({.task = TaskId{select.getColumn(0).getUInt()},
                        .identity = TaskIdentity{select.getColumn(1).getString()},
                        .id = select.getColumn(2).getString(),
                        .outcome = outcome,
                        .why = select.getColumn(4).getString(),
                        .ended = outcome != TaskOutcome::outstanding && !open});
  }
  select.reset();
  return elements;
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
                       .attempt = {TaskId{select.getColumn(1).getUInt()}, select.getColumn(2).getUInt()},
                       .from = parse_account(select.getColumn(3).getString()).value_or(Account::available),
                       .to = parse_account(select.getColumn(4).getString()).value_or(Account::available),
                       .amount = credits(select.getColumn(5)),
                       .reason = select.getColumn(6).getString()});
  select.reset();
  return entries;
}

std::vector<LeftTask> read_left_to_others(SqliteStore& store, RunRow const& row) {
  auto& select = store.prepared(
      "SELECT task, has_it FROM (SELECT mine.task AS task, mo.outcome AS outcome, (SELECT r.id FROM tasks t "
      "JOIN runs r ON r.run = t.run AND r.gateway = ?2 AND r.status <> 'planned' "
      "JOIN attempts a ON a.run = t.run AND a.task = t.task "
      "LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task "
      "WHERE t.identity = mine.identity AND t.run <> mine.run "
      "AND (a.state IN ('submitting', 'running', 'in_doubt') OR (a.state = 'finished' "
      "AND (coalesce(o.outcome, 'outstanding') = 'outstanding' "
      "OR (o.outcome IN ('made', 'mismatched') AND EXISTS (SELECT 1 FROM entries e WHERE e.run = a.run "
      "AND e.task = a.task AND e.ordinal = a.ordinal AND e.entry > own.known_until))))) "
      "ORDER BY coalesce(o.outcome, '') IN ('made', 'mismatched'), r.run DESC LIMIT 1) AS has_it "
      "FROM tasks mine JOIN runs own ON own.run = mine.run "
      "LEFT JOIN outcomes mo ON mo.run = mine.run AND mo.task = mine.task WHERE mine.run = ?1 "
      "AND coalesce(mo.outcome, 'outstanding') IN ('outstanding', 'waiting', 'in_doubt') "
      "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.run = mine.run AND a.task = mine.task "
      "AND a.state NOT IN ('refused', 'failed'))) "
      "WHERE outcome IN ('waiting', 'in_doubt') OR has_it IS NOT NULL ORDER BY task");
  select.bind(1, row.run);
  bind_text(select, 2, row.gateway);
  std::vector<LeftTask> left;
  while (select.executeStep()) {
    left.push_back({.task = TaskId{select.getColumn(0).getUInt()}});
    if (!select.getColumn(1).isNull()) left.back().has_it.emplace(select.getColumn(1).getString());
  }
  select.reset();
  return left;
}

std::vector<Superseded> read_superseded(SqliteStore& store, RunRow const& row) {
  auto& select = store.prepared(
      "SELECT task, r.id FROM (SELECT mine.task, max("
      "coalesce((SELECT max(t.run) FROM retakes t JOIN runs r ON r.run = t.run "
      "LEFT JOIN outcomes theirs ON theirs.run = t.run AND theirs.task = t.task "
      "WHERE t.stands_for = coalesce(own.stands_for, mine.identity) AND t.run > mine.run "
      "AND coalesce(theirs.outcome, 'outstanding') NOT IN ('skipped', 'failed') "
      "AND r.campaign = me.campaign AND r.gateway = me.gateway AND r.status <> 'planned'), 0), "
      "coalesce((SELECT max(t.run) FROM tasks t JOIN runs r ON r.run = t.run "
      "WHERE t.identity = own.stands_for AND t.run > mine.run AND r.gateway = me.gateway "
      "AND r.status <> 'planned' AND EXISTS (SELECT 1 FROM attempts a WHERE a.run = t.run AND a.task = t.task "
      "AND a.state NOT IN ('refused', 'failed'))), 0)) AS later FROM runs me JOIN tasks mine ON mine.run = me.run "
      "LEFT JOIN retakes own ON own.run = mine.run AND own.task = mine.task "
      "LEFT JOIN outcomes mo ON mo.run = mine.run AND mo.task = mine.task WHERE me.run = ? "
      "AND coalesce(mo.outcome, 'outstanding') = 'outstanding' "
      "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.run = mine.run AND a.task = mine.task "
      "AND a.state NOT IN ('refused', 'failed'))) JOIN runs r ON r.run = later ORDER BY task");
  std::vector<Superseded> superseded;
  // A million tasks are not gone through where nothing was ever made anew.
  auto& any = store.prepared("SELECT EXISTS (SELECT 1 FROM retakes)");
  bool const looked_for = any.executeStep() && any.getColumn(0).getInt() != 0;
  any.reset();
  if (!looked_for) return superseded;
  select.bind(1, row.run);
  while (select.executeStep())
    superseded.push_back(
        {.task = TaskId{select.getColumn(0).getUInt()}, .by = RunId{select.getColumn(1).getString()}});
  select.reset();
  return superseded;
}

namespace {

std::optional<KnownClip> find_latest_clip(SqliteStore& store, std::string const& gateway,
                                          TaskIdentity const& identity) {
  auto& select = store.prepared(
      "SELECT r.id, t.name, o.outcome, o.path, o.size_bytes, o.width, o.height, o.length_ms, o.has_sound, "
      "o.sha256, t.identity FROM (SELECT run, task FROM tasks WHERE identity = ?1 "
      "UNION SELECT run, task FROM retakes WHERE stands_for = ?1) known "
      "JOIN tasks t ON t.run = known.run AND t.task = known.task JOIN runs r ON r.run = t.run "
      "JOIN outcomes o ON o.run = t.run AND o.task = t.task "
      "WHERE r.gateway = ?2 AND r.status <> 'planned' AND o.outcome IN ('made', 'mismatched') "
      "ORDER BY r.started DESC, r.run DESC LIMIT 1");
  bind_text(select, 1, identity.str());
  bind_text(select, 2, gateway);
  std::optional<KnownClip> known;
  if (select.executeStep())
    known =
        KnownClip{.origin = {.run = RunId{select.getColumn(0).getString()}, .model = {}},
                  .task = select.getColumn(1).getString(),
                  .outcome = parse_task_outcome(select.getColumn(2).getString()).value_or(TaskOutcome::made),
                  .clip = maybe_clip(select, 3),
                  .identity = TaskIdentity{select.getColumn(10).getString()}};
  select.reset();
  return known;
}

}  // namespace

std::optional<KnownClip> find_clip(SqliteStore& store, std::string const& gateway,
                                   TaskIdentity const& identity, Clips clips) {
  if (clips == Clips::latest) return find_latest_clip(store, gateway, identity);
  // Most were never asked for before, and sorting nothing costs several times what looking costs.
  auto& any = store.prepared("SELECT 1 FROM tasks WHERE identity = ? LIMIT 1");
  bind_text(any, 1, identity.str());
  bool const asked_before = any.executeStep();
  any.reset();
  if (!asked_before) return std::nullopt;
  auto& select = store.prepared(
      "SELECT r.id, t.name, coalesce(o.outcome, 'outstanding'), o.path, o.size_bytes, o.width, o.height, "
      "o.length_ms, o.has_sound, o.sha256, o.made_by_model, o.made_at_quality, t.run, t.task, e.id, t.identity "
      "FROM (SELECT run, task FROM tasks WHERE identity = ?1 "
      "UNION SELECT run, task FROM retakes WHERE stands_for = ?1) known "
      "JOIN tasks t ON t.run = known.run AND t.task = known.task JOIN runs r ON r.run = t.run LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task "
      "LEFT JOIN elements e ON e.run = t.run AND e.task = t.task "
      "WHERE r.gateway = ?2 AND r.status <> 'planned' "
      "AND CASE WHEN o.outcome IN ('made', 'mismatched', 'reused') THEN ?3 OR e.id IS NOT NULL ELSE EXISTS (SELECT 1 "
      "FROM attempts a WHERE a.run = t.run AND a.task = t.task "
      "AND (a.state IN ('submitting', 'running', 'in_doubt') OR (a.state = 'finished' "
      "AND coalesce(o.outcome, 'outstanding') = 'outstanding'))) END "
      "ORDER BY coalesce(o.outcome, '') = 'made' DESC, coalesce(o.outcome, '') = 'mismatched' DESC, "
      "r.started DESC LIMIT 20");
  bind_text(select, 1, identity.str());
  bind_text(select, 2, gateway);
  select.bind(3, clips == Clips::made_or_paid ? 1 : 0);
  std::optional<KnownClip> known;
  std::int64_t run = 0;
  std::int64_t task = 0;
  while (select.executeStep()) {
    std::optional<ClipRecord> const clip = maybe_clip(select, 3);
    bool const there = clip && std::filesystem::exists(clip->path);
    bool const made = select.getColumn(2).getString() == to_string(TaskOutcome::made);
    bool const same = known && known->clip && clip && clip->sha256 == known->clip->sha256;
    if (!known || (there && made && !same)) {
      run = select.getColumn(12).getInt64();
      task = select.getColumn(13).getInt64();
      known = KnownClip{
          .origin = {.run = RunId{select.getColumn(0).getString()},
                     .model = ModelId{select.getColumn(10).isNull() ? "" : select.getColumn(10).getString()},
                     .quality =
                         parse_quality(select.getColumn(11).isNull() ? "" : select.getColumn(11).getString())
                             .value_or(Quality::p720)},
          .task = select.getColumn(1).getString(),
          .outcome = parse_task_outcome(select.getColumn(2).getString()).value_or(TaskOutcome::in_doubt),
          .clip = clip,
          .element =
              select.getColumn(14).isNull() ? std::nullopt : std::optional{select.getColumn(14).getString()},
          .identity = TaskIdentity{select.getColumn(15).getString()}};
    } else if (there && same) {
      known->clip = clip;  // reused elsewhere: as good as the first place, whose file is gone
    }
    bool const found = known->clip && clip && known->clip->path == clip->path && there;
    if (found || (known->outcome != TaskOutcome::made && known->outcome != TaskOutcome::mismatched)) break;
  }
  select.reset();
  if (known && known->outcome != TaskOutcome::reused) {
    auto& bought = store.prepared(
        "SELECT model, quality FROM attempts WHERE run = ? AND task = ? ORDER BY ordinal DESC LIMIT 1");
    bought.bind(1, run);
    bought.bind(2, task);
    if (bought.executeStep()) {
      known->origin.model = ModelId{bought.getColumn(0).getString()};
      known->origin.quality = quality(bought.getColumn(1));
    }
    bought.reset();
  }
  return known;
}

// ---- what is left to do

namespace {

/// Walks the run by priority and position; tasks it has given are not given again.
class SqlitePending final : public Ledger::Pending {
 public:
  SqlitePending(SqliteStore& store, std::int64_t run, std::filesystem::path path)
      : store_{store}, run_{run}, path_{std::move(path)} {}

  Result<std::vector<TaskRecord>> with_money_out() override {
    return guarded(path_, [&]() -> Result<std::vector<TaskRecord>> { return read_with_money_out(); });
  }

  Result<std::vector<TaskRecord>> next(std::size_t most) override {
    return guarded(path_, [&]() -> Result<std::vector<TaskRecord>> {
      std::vector<TaskRecord> tasks;
      while (tasks.size() < most && part_ != Part::over)
        if (read_part(most - tasks.size(), tasks) == Read::all) begin_next_part();
      return tasks;
    });
  }

 private:
  enum class Part { above, level, below, over };  // of priority 0, which has no index and needs none
  enum class Read { some, all };

  std::vector<TaskRecord> read_with_money_out() {
    auto& any = store_.prepared("SELECT EXISTS (SELECT 1 FROM attempts WHERE run = ?)");
    any.bind(1, run_);
    resumed_ = any.executeStep() && any.getColumn(0).getInt() != 0;
    any.reset();
    std::vector<TaskRecord> tasks;
    if (!resumed_) return tasks;
    auto& select = store_.prepared(
        "SELECT DISTINCT a.task FROM attempts a LEFT JOIN outcomes o ON o.run = a.run AND o.task = a.task "
        "WHERE a.run = ? AND (a.state IN ('submitting', 'running', 'in_doubt') OR (a.state = 'finished' "
        "AND coalesce(o.outcome, 'outstanding') = 'outstanding')) ORDER BY a.task");
    select.bind(1, run_);
    while (select.executeStep()) with_money_.push_back(TaskId{select.getColumn(0).getUInt()});
    select.reset();
    for (TaskId const id : with_money_)
      if (auto task = read_task(store_, run_, id)) tasks.push_back(*std::move(task));
    return tasks;
  }

  void begin_next_part() {
    part_ = static_cast<Part>(static_cast<int>(part_) + 1);
    after_task_ = -1;
    after_priority_ = INT32_MAX;
  }

  SQLite::Statement& statement() {
    static std::string const open = " AND coalesce(o.outcome, 'outstanding') = 'outstanding' ";
    static std::string const after = "(t.priority < ?4 OR (t.priority = ?4 AND t.task > ?2))";
    static std::string const order = "ORDER BY t.priority DESC, t.task LIMIT ?3";
    static std::string const above = std::string{task_columns} +
                                     "WHERE t.run = ?1 AND t.priority <> 0 AND t.priority > 0 AND " + after +
                                     open + order;
    static std::string const level = std::string{task_columns} +
                                     "WHERE t.run = ?1 AND t.task > ?2 AND t.priority = 0" + open +
                                     "ORDER BY t.task LIMIT ?3";
    static std::string const below = std::string{task_columns} +
                                     "WHERE t.run = ?1 AND t.priority <> 0 AND t.priority < 0 AND " + after +
                                     open + order;
    std::string const& sql = part_ == Part::level ? level : part_ == Part::above ? above : below;
    auto& select = store_.prepared(sql.c_str());
    select.bind(1, run_);
    select.bind(2, after_task_);
    if (part_ != Part::level) select.bind(4, after_priority_);
    return select;
  }

  Read read_part(std::size_t most, std::vector<TaskRecord>& out) {
    auto& select = statement();
    select.bind(3, static_cast<std::int64_t>(most));
    std::vector<TaskRecord> found;
    std::size_t rows = 0;
    for (; select.executeStep(); ++rows) {
      found.push_back(task_from(select));
      after_task_ = to_sql(found.back().id);
      after_priority_ = found.back().priority;
      if (std::binary_search(with_money_.begin(), with_money_.end(), found.back().id)) found.pop_back();
    }
    select.reset();
    for (TaskRecord& task : found) {
      if (resumed_)
        if (auto whole = read_task(store_, run_, task.id)) task.attempts = std::move(whole->attempts);
      out.push_back(std::move(task));
    }
    return rows < most ? Read::all : Read::some;
  }

  SqliteStore& store_;
  std::int64_t run_;
  std::filesystem::path path_;
  bool resumed_ = false;
  std::vector<TaskId> with_money_;
  Part part_ = Part::above;
  std::int64_t after_task_ = -1;
  std::int32_t after_priority_ = INT32_MAX;
};

}  // namespace

std::unique_ptr<Ledger::Pending> read_pending(SqliteStore& store, std::int64_t run,
                                              std::filesystem::path path) {
  return std::make_unique<SqlitePending>(store, run, std::move(path));
}

}  // namespace callsheet::ledger
