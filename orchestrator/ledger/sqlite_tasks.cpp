#include "orchestrator/ledger/sqlite_tasks.hpp"

#include "orchestrator/ledger/sqlite_conditions.hpp"
#include "orchestrator/ledger/sqlite_values.hpp"

#include <utility>

namespace callsheet::ledger {

char const* const task_columns =
    "SELECT t.task, t.identity, t.name, t.take, t.priority, t.route, t.spec, o.outcome, o.why, o.ended, "
    "o.made_by, o.made_by_model, o.made_at_quality, o.path, o.size_bytes, o.width, o.height, o.length_ms, "
    "o.has_sound, o.sha256, e.id FROM tasks t LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task "
    "LEFT JOIN elements e ON e.run = t.run AND e.task = t.task ";

TaskRecord task_from(SQLite::Statement& select) {
  TaskRecord task;
  task.id = task_at(select, 0);
  task.identity = TaskIdentity{select.getColumn(1).getString()};
  task.name = select.getColumn(2).getString();
  task.take = select.getColumn(3).getInt();
  task.priority = select.getColumn(4).getInt();
  task.route = select.getColumn(5).getUInt();
  task.spec = select.getColumn(6).getString();
  task.element = maybe_text_at(select, 20);
  if (select.getColumn(7).isNull()) return task;
  task.outcome = parse_task_outcome(select.getColumn(7).getString()).value_or(TaskOutcome::outstanding);
  task.why = select.getColumn(8).getString();
  task.ended = maybe_time_at(select, 9);
  if (std::string const run_id = select.getColumn(10).getString(); !run_id.empty())
    task.made_by = Origin{.run = RunId{run_id},
                          .model = ModelId{select.getColumn(11).getString()},
                          .quality = quality_at(select, 12)};
  task.clip = maybe_clip_at(select, 13);
  return task;
}

namespace {

constexpr char const* attempt_columns =
    "SELECT task, ordinal, model, quality, state, gateway_task_id, idempotency_key, callback_token, "
    "request_body, most, held, billed, refund_expected, billed_by, groups, why, waited, submitted, accepted, "
    "ended, failure_kind, failure_code, failure_message, failure_request_id, after, gateway_ahead "
    "FROM attempts ";

AttemptRecord attempt_from(SQLite::Statement& select) {
  AttemptRecord attempt;
  attempt.key = {task_at(select, 0), select.getColumn(1).getUInt()};
  attempt.model = ModelId{select.getColumn(2).getString()};
  attempt.quality = quality_at(select, 3);
  attempt.state = parse_attempt_state(select.getColumn(4).getString()).value_or(AttemptState::in_doubt);
  attempt.task_id = GatewayTaskId{select.getColumn(5).getString()};
  attempt.idempotency_key = select.getColumn(6).getString();
  attempt.callback_token = select.getColumn(7).getString();
  attempt.request_body = select.getColumn(8).getString();
  attempt.most = credits_at(select, 9);
  attempt.balance = balance_at(select, 10);
  if (!select.getColumn(13).isNull()) attempt.billed_by = parse_billed_by(select.getColumn(13).getString());
  attempt.groups = parse_groups(select.getColumn(14).getString());
  attempt.why = select.getColumn(15).getString();
  attempt.waited = select.getColumn(16).getString();
  attempt.submitted = time_from_sql(select.getColumn(17).getInt64());
  attempt.accepted = maybe_time_at(select, 18);
  attempt.ended = maybe_time_at(select, 19);
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

std::optional<TaskRecord> read_task(SqliteStore& store, std::int64_t run, TaskId task) {
  std::vector<TaskRecord> tasks = read_tasks(store, run, task, 1);
  if (tasks.empty() || tasks.front().id != task) return std::nullopt;
  return std::move(tasks.front());
}

std::vector<TaskRecord> read_each(SqliteStore& store, std::int64_t run, std::vector<TaskId> const& tasks) {
  std::vector<TaskRecord> records;
  records.reserve(tasks.size());
  for (TaskId const task : tasks)
    if (auto record = read_task(store, run, task)) records.push_back(*std::move(record));
  return records;
}

std::optional<TaskRecord> find_task(SqliteStore& store, std::int64_t run, TaskIdentity const& identity) {
  auto& select = store.prepared(
      "SELECT task FROM tasks WHERE identity = ?1 AND run = ?2 "
      "UNION ALL SELECT task FROM retakes WHERE stands_for = ?1 AND run = ?2 LIMIT 1");
  bind_text(select, 1, identity.str());
  select.bind(2, run);
  if (!select.executeStep()) return std::nullopt;
  TaskId const task{select.getColumn(0).getUInt()};
  select.reset();
  return read_task(store, run, task);
}

std::vector<TaskRecord> find_tasks(SqliteStore& store, std::int64_t run, std::string const& name) {
  std::vector<TaskId> found;
  auto& select = store.prepared("SELECT task FROM tasks WHERE run = ? AND name = ? ORDER BY task");
  select.bind(1, run);
  bind_text(select, 2, name);
  while (select.executeStep()) found.push_back(task_at(select, 0));
  select.reset();
  return read_each(store, run, found);
}

UnderWay read_under_way(SqliteStore& store, std::int64_t run, std::size_t most) {
  static std::string const sql =
      "SELECT DISTINCT a.task FROM attempts a LEFT JOIN outcomes o ON o.run = a.run AND o.task = a.task "
      "WHERE a.run = ? AND " +
      has_money_out("a", "o") + " AND " + is_outstanding("o") + " ORDER BY a.task";
  auto& select = store.prepared(sql.c_str());
  select.bind(1, run);
  std::vector<TaskId> first;
  UnderWay under_way;
  for (; select.executeStep(); ++under_way.all)
    if (first.size() < most) first.push_back(task_at(select, 0));
  select.reset();
  under_way.tasks = read_each(store, run, first);
  return under_way;
}

std::vector<TaskRecord> read_latest_ends(SqliteStore& store, std::int64_t run, std::size_t most) {
  auto& select = store.prepared(
      "SELECT task FROM outcomes WHERE run = ? AND outcome IN ('made', 'mismatched', 'failed', 'in_doubt') "
      "ORDER BY ended DESC, task DESC LIMIT ?");
  select.bind(1, run);
  select.bind(2, static_cast<std::int64_t>(most));
  std::vector<TaskId> latest;
  while (select.executeStep()) latest.push_back(task_at(select, 0));
  select.reset();
  return read_each(store, run, latest);
}

std::vector<ElementTask> read_elements(SqliteStore& store, std::int64_t run) {
  static std::string const sql =
      "SELECT e.task, t.identity, e.id, coalesce(o.outcome, 'outstanding'), coalesce(o.why, ''), " +
      has_open_attempt("e") +
      " FROM elements e "
      "JOIN tasks t ON t.run = e.run AND t.task = e.task "
      "LEFT JOIN outcomes o ON o.run = e.run AND o.task = e.task WHERE e.run = ? ORDER BY e.task";
  auto& select = store.prepared(sql.c_str());
  select.bind(1, run);
  std::vector<ElementTask> elements;
  while (select.executeStep()) {
    auto const outcome =
        parse_task_outcome(select.getColumn(3).getString()).value_or(TaskOutcome::outstanding);
    bool const open = select.getColumn(5).getInt() != 0;
    elements.push_back({.task = task_at(select, 0),
                        .identity = TaskIdentity{select.getColumn(1).getString()},
                        .id = select.getColumn(2).getString(),
                        .outcome = outcome,
                        .why = select.getColumn(4).getString(),
                        .ended = outcome != TaskOutcome::outstanding && !open});
  }
  select.reset();
  return elements;
}

}  // namespace callsheet::ledger
