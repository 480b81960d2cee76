#include "orchestrator/ledger/sqlite_planning.hpp"

#include "orchestrator/ledger/sqlite_values.hpp"

namespace callsheet::ledger {

namespace {

void throw_away_unstarted(SqliteStore& store, std::string const& campaign) {
  std::vector<std::int64_t> rows;
  auto& select = store.prepared("SELECT run FROM runs WHERE campaign = ? AND status = 'planned'");
  bind_text(select, 1, campaign);
  while (select.executeStep()) rows.push_back(select.getColumn(0).getInt64());
  select.reset();
  for (std::int64_t const row : rows)
    for (char const* const sql : {"DELETE FROM outcomes WHERE run = ?", "DELETE FROM elements WHERE run = ?",
                                  "DELETE FROM retakes WHERE run = ?", "DELETE FROM tasks WHERE run = ?",
                                  "DELETE FROM routes WHERE run = ?", "DELETE FROM group_caps WHERE run = ?",
                                  "DELETE FROM runs WHERE run = ?"}) {
      auto& remove = store.prepared(sql);
      remove.bind(1, row);
      remove.exec();
    }
}

void insert_task(SqliteStore& store, std::int64_t run, std::int64_t number, NewTask const& task) {
  auto& insert = store.prepared(
      "INSERT INTO tasks (run, task, identity, name, take, priority, route, spec) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, run);
  insert.bind(2, number);
  bind_text(insert, 3, task.identity.str());
  bind_text(insert, 4, task.name);
  insert.bind(5, task.take);
  insert.bind(6, task.priority);
  insert.bind(7, static_cast<std::int64_t>(task.route));
  bind_text(insert, 8, task.spec);
  insert.exec();
  if (task.element) {
    auto& element = store.prepared("INSERT INTO elements (run, task, id) VALUES (?, ?, ?)");
    element.bind(1, run);
    element.bind(2, number);
    bind_text(element, 3, *task.element);
    element.exec();
  }
  if (!task.stands_for.empty()) {
    auto& retake = store.prepared("INSERT INTO retakes (run, task, stands_for) VALUES (?, ?, ?)");
    retake.bind(1, run);
    retake.bind(2, number);
    bind_text(retake, 3, task.stands_for.str());
    retake.exec();
  }
  if (task.outcome == TaskOutcome::outstanding) return;
  auto& outcome = store.prepared(
      "INSERT INTO outcomes (run, task, outcome, why, ended, made_by, made_by_model, made_at_quality, path, "
      "size_bytes, width, height, length_ms, has_sound, sha256) "
      "SELECT ?, ?, ?, ?, started, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM runs WHERE run = ?1");
  outcome.bind(1, run);
  outcome.bind(2, number);
  bind_word(outcome, 3, to_string(task.outcome));
  bind_text(outcome, 4, task.why);
  bind_origin(outcome, 5, task.made_by);
  bind_clip(outcome, 8, task.clip ? &*task.clip : nullptr);
  outcome.exec();
}

}  // namespace

void write_run(SqliteStore& store, NewRun const& run) {
  throw_away_unstarted(store, run.campaign);
  auto& insert = store.prepared(
      "INSERT INTO runs (id, campaign, gateway, status, settings, started, cap, nonce, known_until) "
      "VALUES (?, ?, ?, 'planned', '', ?, 0, ?, (SELECT coalesce(max(entry), 0) FROM entries))");
  bind_text(insert, 1, run.id.str());
  bind_text(insert, 2, run.campaign);
  bind_text(insert, 3, run.gateway);
  insert.bind(4, to_sql(run.started));
  bind_text(insert, 5, run.nonce);
  insert.exec();
}

void write_routes(SqliteStore& store, std::int64_t run, std::vector<std::string> const& routes) {
  auto& count = store.prepared("SELECT count(*) FROM routes WHERE run = ?");
  count.bind(1, run);
  std::int64_t number = count.executeStep() ? count.getColumn(0).getInt64() : 0;
  count.reset();
  for (std::string const& route : routes) {
    auto& insert = store.prepared("INSERT INTO routes (run, route, text) VALUES (?, ?, ?)");
    insert.bind(1, run);
    insert.bind(2, number++);
    bind_text(insert, 3, route);
    insert.exec();
  }
}

void write_tasks(SqliteStore& store, std::int64_t run, std::vector<NewTask> const& tasks) {
  auto& last = store.prepared("SELECT coalesce(max(task), -1) FROM tasks WHERE run = ?");
  last.bind(1, run);
  std::int64_t number = last.executeStep() ? last.getColumn(0).getInt64() + 1 : 0;
  last.reset();
  for (NewTask const& task : tasks) insert_task(store, run, number++, task);
}

void write_start(SqliteStore& store, std::int64_t run, std::string const& settings, Budget const& caps) {
  auto& update = store.prepared(
      "UPDATE runs SET status = 'running', settings = ?, cap = ?, daily_cap = ?, per_task = ? "
      "WHERE run = ?");
  bind_text(update, 1, settings);
  update.bind(2, caps.cap.units());
  bind_maybe(update, 3, caps.daily);
  bind_maybe(update, 4, caps.per_task);
  update.bind(5, run);
  update.exec();
  for (std::size_t i = 0; i < caps.groups.size(); ++i) {
    auto& group =
        store.prepared("INSERT INTO group_caps (run, number, axis, value, cap) VALUES (?, ?, ?, ?, ?)");
    group.bind(1, run);
    group.bind(2, static_cast<std::int64_t>(i));
    bind_text(group, 3, caps.groups[i].axis);
    bind_text(group, 4, caps.groups[i].value);
    group.bind(5, caps.groups[i].cap.units());
    group.exec();
  }
}

}  // namespace callsheet::ledger
