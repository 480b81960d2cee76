// Reads whole runs back. Nothing here changes anything.

#include "orchestrator/ledger/sqlite_store.hpp"

namespace callsheet::ledger {

namespace {

Credits credits(SQLite::Column const& column) {
  return Credits::from_units(column.getInt64());
}

std::optional<TimePoint> maybe_time(SQLite::Column const& column) {
  return column.isNull() ? std::nullopt : std::optional{time_from_sql(column.getInt64())};
}

std::vector<TaskRecord> read_tasks(SqliteStore& store, std::int64_t run) {
  std::vector<TaskRecord> tasks;
  auto& select = store.prepared(
      "SELECT t.identity, t.name, t.take, t.spec, t.outcome, t.why, t.ended, t.made_by, c.path, "
      "c.size_bytes, c.width, "
      "c.height, c.length_ms, c.has_sound, t.made_by_model, t.made_at_quality FROM tasks t LEFT JOIN clips c "
      "ON c.run = t.run AND c.task = "
      "t.task "
      "WHERE t.run = ? ORDER BY t.task");
  select.bind(1, run);
  while (select.executeStep()) {
    TaskRecord& task = tasks.emplace_back();
    task.identity = TaskIdentity{select.getColumn(0).getString()};
    task.name = select.getColumn(1).getString();
    task.take = select.getColumn(2).getInt();
    task.spec = select.getColumn(3).getString();
    task.outcome = parse_task_outcome(select.getColumn(4).getString()).value_or(TaskOutcome::outstanding);
    task.why = select.getColumn(5).getString();
    task.ended = maybe_time(select.getColumn(6));
    if (std::string const run_id = select.getColumn(7).getString(); !run_id.empty())
      task.made_by =
          Origin{.run = RunId{run_id},
                 .model = ModelId{select.getColumn(14).getString()},
                 .quality = parse_quality(select.getColumn(15).getString()).value_or(Quality::p720)};
    if (!select.getColumn(8).isNull())
      task.clip = ClipRecord{.path = select.getColumn(8).getString(),
                             .size_bytes = static_cast<std::uint64_t>(select.getColumn(9).getInt64()),
                             .width = select.getColumn(10).getInt(),
                             .height = select.getColumn(11).getInt(),
                             .length = std::chrono::milliseconds{select.getColumn(12).getInt64()},
                             .has_sound = select.getColumn(13).getInt() != 0};
  }
  select.reset();
  return tasks;
}

std::vector<AttemptRecord> read_attempts(SqliteStore& store, std::int64_t run) {
  std::vector<AttemptRecord> attempts;
  auto& select = store.prepared(
      "SELECT attempt, task, ordinal, model, quality, state, gateway_task_id, idempotency_key, request_body, "
      "held, "
      "billed, refund_expected, submitted, ended, failure_kind, failure_code, failure_message, "
      "failure_request_id "
      "FROM attempts WHERE run = ? ORDER BY task, ordinal");
  select.bind(1, run);
  while (select.executeStep()) {
    AttemptRecord& attempt = attempts.emplace_back();
    attempt.id = AttemptId{static_cast<std::uint64_t>(select.getColumn(0).getInt64())};
    attempt.key = {TaskId{select.getColumn(1).getUInt()}, select.getColumn(2).getUInt()};
    attempt.model = ModelId{select.getColumn(3).getString()};
    attempt.quality = parse_quality(select.getColumn(4).getString()).value_or(Quality::p720);
    attempt.state = parse_attempt_state(select.getColumn(5).getString()).value_or(AttemptState::in_doubt);
    attempt.task_id = GatewayTaskId{select.getColumn(6).getString()};
    attempt.idempotency_key = select.getColumn(7).getString();
    attempt.request_body = select.getColumn(8).getString();
    attempt.held = credits(select.getColumn(9));
    attempt.billed = credits(select.getColumn(10));
    attempt.refund_expected = credits(select.getColumn(11));
    attempt.submitted = time_from_sql(select.getColumn(12).getInt64());
    attempt.ended = maybe_time(select.getColumn(13));
    if (!select.getColumn(14).isNull())
      attempt.failure = Failure{
          .kind = parse_failure_kind(select.getColumn(14).getString()).value_or(FailureKind::unknown),
          .code = select.getColumn(15).getString(),
          .message = select.getColumn(16).getString(),
          .request_id = select.getColumn(17).getString(),
      };
  }
  select.reset();
  return attempts;
}

}  // namespace

RunRecord read_run(SqliteStore& store, RunSummary summary, std::int64_t run) {
  RunRecord record;
  record.summary = std::move(summary);
  auto& select = store.prepared("SELECT settings FROM runs WHERE run = ?");
  select.bind(1, run);
  if (select.executeStep()) record.settings = select.getColumn(0).getString();
  select.reset();
  record.tasks = read_tasks(store, run);
  record.attempts = read_attempts(store, run);
  return record;
}

}  // namespace callsheet::ledger
