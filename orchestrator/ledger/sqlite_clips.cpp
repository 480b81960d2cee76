#include "orchestrator/ledger/sqlite_clips.hpp"

#include "orchestrator/ledger/sqlite_conditions.hpp"
#include "orchestrator/ledger/sqlite_values.hpp"

#include <filesystem>

namespace callsheet::ledger {

namespace {

/// What the task's last attempt was made with.
void read_bought_by(SqliteStore& store, std::int64_t run, std::int64_t task, Origin& origin) {
  auto& bought = store.prepared(
      "SELECT model, quality FROM attempts WHERE run = ? AND task = ? ORDER BY ordinal DESC LIMIT 1");
  bought.bind(1, run);
  bought.bind(2, task);
  if (bought.executeStep()) {
    origin.model = ModelId{bought.getColumn(0).getString()};
    origin.quality = quality_at(bought, 1);
  }
  bought.reset();
}

std::optional<KnownClip> find_latest_clip(SqliteStore& store, std::string const& gateway,
                                          TaskIdentity const& identity) {
  static std::string const sql =
      "SELECT r.id, t.name, o.outcome, o.path, o.size_bytes, o.width, o.height, o.length_ms, o.has_sound, "
      "o.sha256, t.identity, t.run, t.task FROM " +
      known_tasks() +
      " known JOIN tasks t ON t.run = known.run AND t.task = known.task JOIN runs r ON r.run = t.run "
      "JOIN outcomes o ON o.run = t.run AND o.task = t.task "
      "WHERE r.gateway = ?2 AND r.status <> 'planned' AND o.outcome IN " +
      bought_outcomes() + " ORDER BY r.started DESC, r.run DESC LIMIT 1";
  auto& select = store.prepared(sql.c_str());
  bind_text(select, 1, identity.str());
  bind_text(select, 2, gateway);
  std::optional<KnownClip> known;
  std::int64_t run = 0;
  std::int64_t task = 0;
  if (select.executeStep()) {
    known =
        KnownClip{.origin = {.run = RunId{select.getColumn(0).getString()}, .model = {}},
                  .task = select.getColumn(1).getString(),
                  .outcome = parse_task_outcome(select.getColumn(2).getString()).value_or(TaskOutcome::made),
                  .clip = maybe_clip_at(select, 3),
                  .identity = TaskIdentity{select.getColumn(10).getString()}};
    run = select.getColumn(11).getInt64();
    task = select.getColumn(12).getInt64();
  }
  select.reset();
  if (known) read_bought_by(store, run, task, known->origin);
  return known;
}

/// A row of find_clip().
KnownClip known_from(SQLite::Statement& select, std::optional<ClipRecord> const& clip) {
  return {
      .origin = {.run = RunId{select.getColumn(0).getString()},
                 .model = ModelId{maybe_text_at(select, 10).value_or("")},
                 .quality = parse_quality(maybe_text_at(select, 11).value_or("")).value_or(Quality::p720)},
      .task = select.getColumn(1).getString(),
      .outcome = parse_task_outcome(select.getColumn(2).getString()).value_or(TaskOutcome::in_doubt),
      .clip = clip,
      .element = maybe_text_at(select, 14),
      .identity = TaskIdentity{select.getColumn(15).getString()}};
}

}  // namespace

std::optional<KnownClip> find_clip(SqliteStore& store, std::string const& gateway,
                                   TaskIdentity const& identity, Clips clips) {
  if (clips == Clips::latest) return find_latest_clip(store, gateway, identity);
  // Most were never asked for before, and sorting nothing costs several times what looking costs.
  auto& any = store.prepared(
      "SELECT 1 FROM tasks WHERE identity = ?1 UNION ALL SELECT 1 FROM retakes WHERE stands_for = ?1 LIMIT 1");
  bind_text(any, 1, identity.str());
  bool const asked_before = any.executeStep();
  any.reset();
  if (!asked_before) return std::nullopt;
  static std::string const sql =
      "SELECT r.id, t.name, coalesce(o.outcome, 'outstanding'), o.path, o.size_bytes, o.width, o.height, "
      "o.length_ms, o.has_sound, o.sha256, o.made_by_model, o.made_at_quality, t.run, t.task, e.id, t.identity "
      "FROM " +
      known_tasks() +
      " known JOIN tasks t ON t.run = known.run AND t.task = known.task JOIN runs r ON r.run = t.run "
      "LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task "
      "LEFT JOIN elements e ON e.run = t.run AND e.task = t.task "
      "WHERE r.gateway = ?2 AND r.status <> 'planned' "
      "AND CASE WHEN o.outcome IN ('made', 'mismatched', 'reused') THEN ?3 OR e.id IS NOT NULL ELSE EXISTS (SELECT 1 "
      "FROM attempts a WHERE a.run = t.run AND a.task = t.task AND " +
      has_money_out("a", "o") +
      ") END "
      "ORDER BY coalesce(o.outcome, '') = 'made' DESC, coalesce(o.outcome, '') = 'mismatched' DESC, "
      "r.started DESC LIMIT 20";
  auto& select = store.prepared(sql.c_str());
  bind_text(select, 1, identity.str());
  bind_text(select, 2, gateway);
  select.bind(3, clips == Clips::made_or_paid ? 1 : 0);
  std::optional<KnownClip> known;
  std::int64_t run = 0;
  std::int64_t task = 0;
  while (select.executeStep()) {
    std::optional<ClipRecord> const clip = maybe_clip_at(select, 3);
    bool const there = clip && std::filesystem::exists(clip->path);
    bool const made = select.getColumn(2).getString() == to_string(TaskOutcome::made);
    bool const same = known && known->clip && clip && clip->sha256 == known->clip->sha256;
    if (!known || (there && made && !same)) {
      run = select.getColumn(12).getInt64();
      task = select.getColumn(13).getInt64();
      known = known_from(select, clip);
    } else if (there && same) {
      known->clip = clip;  // reused elsewhere: as good as the first place, whose file is gone
    }
    bool const found = known->clip && clip && known->clip->path == clip->path && there;
    if (found || (known->outcome != TaskOutcome::made && known->outcome != TaskOutcome::mismatched)) break;
  }
  select.reset();
  if (known && known->outcome != TaskOutcome::reused) read_bought_by(store, run, task, known->origin);
  return known;
}

std::optional<RunId> find_taker(SqliteStore& store, RunRow const& row, TaskId task,
                                std::int64_t known_until) {
  static std::string const sql =
      "SELECT r.id FROM tasks mine JOIN tasks t ON t.identity = mine.identity AND t.run <> mine.run "
      "JOIN runs r ON r.run = t.run AND r.gateway = ? AND r.status <> 'planned' "
      "JOIN attempts a ON a.run = t.run AND a.task = t.task "
      "LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task WHERE mine.run = ? AND mine.task = ? AND " +
      is_taken_since("a", "o", "?") + " LIMIT 1";
  auto& select = store.prepared(sql.c_str());
  bind_text(select, 1, row.gateway);
  select.bind(2, row.run);
  select.bind(3, to_sql(task));
  select.bind(4, known_until);
  std::optional<RunId> run;
  if (select.executeStep()) run = RunId{select.getColumn(0).getString()};
  select.reset();
  return run;
}

std::vector<LeftTask> read_left_to_others(SqliteStore& store, RunRow const& row) {
  static std::string const sql =
      "SELECT task, has_it FROM (SELECT mine.task AS task, mo.outcome AS outcome, (SELECT r.id FROM tasks t "
      "JOIN runs r ON r.run = t.run AND r.gateway = ?2 AND r.status <> 'planned' "
      "JOIN attempts a ON a.run = t.run AND a.task = t.task "
      "LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task "
      "WHERE t.identity = mine.identity AND t.run <> mine.run AND " +
      is_taken_since("a", "o", "own.known_until") + " ORDER BY coalesce(o.outcome, '') IN " +
      bought_outcomes() +
      ", r.run DESC LIMIT 1) AS has_it "
      "FROM tasks mine JOIN runs own ON own.run = mine.run "
      "LEFT JOIN outcomes mo ON mo.run = mine.run AND mo.task = mine.task WHERE mine.run = ?1 "
      "AND coalesce(mo.outcome, 'outstanding') IN ('outstanding', 'waiting', 'in_doubt') "
      "AND NOT " +
      is_bought("mine") + ") WHERE outcome IN ('waiting', 'in_doubt') OR has_it IS NOT NULL ORDER BY task";
  auto& select = store.prepared(sql.c_str());
  select.bind(1, row.run);
  bind_text(select, 2, row.gateway);
  std::vector<LeftTask> left;
  while (select.executeStep()) {
    left.push_back({.task = task_at(select, 0)});
    if (!select.getColumn(1).isNull()) left.back().has_it.emplace(select.getColumn(1).getString());
  }
  select.reset();
  return left;
}

std::vector<Superseded> read_superseded(SqliteStore& store, RunRow const& row) {
  static std::string const sql =
      "SELECT task, r.id FROM (SELECT mine.task, max("
      "coalesce((SELECT max(t.run) FROM retakes t JOIN runs r ON r.run = t.run "
      "LEFT JOIN outcomes theirs ON theirs.run = t.run AND theirs.task = t.task "
      "WHERE t.stands_for = coalesce(own.stands_for, mine.identity) AND t.run > mine.run "
      "AND coalesce(theirs.outcome, 'outstanding') NOT IN ('skipped', 'failed') "
      "AND r.campaign = me.campaign AND r.gateway = me.gateway AND r.status <> 'planned'), 0), "
      "coalesce((SELECT max(t.run) FROM tasks t JOIN runs r ON r.run = t.run "
      "WHERE t.identity = own.stands_for AND t.run > mine.run AND r.gateway = me.gateway "
      "AND r.status <> 'planned' AND " +
      is_bought("t") +
      "), 0)) AS later FROM runs me JOIN tasks mine ON mine.run = me.run "
      "LEFT JOIN retakes own ON own.run = mine.run AND own.task = mine.task "
      "LEFT JOIN outcomes mo ON mo.run = mine.run AND mo.task = mine.task WHERE me.run = ? AND " +
      is_outstanding("mo") + " AND NOT " + is_bought("mine") + ") JOIN runs r ON r.run = later ORDER BY task";
  std::vector<Superseded> superseded;
  // A million tasks are not gone through where nothing was ever made anew.
  auto& any = store.prepared("SELECT EXISTS (SELECT 1 FROM retakes)");
  bool const looked_for = any.executeStep() && any.getColumn(0).getInt() != 0;
  any.reset();
  if (!looked_for) return superseded;
  auto& select = store.prepared(sql.c_str());
  select.bind(1, row.run);
  while (select.executeStep())
    superseded.push_back({.task = task_at(select, 0), .by = RunId{select.getColumn(1).getString()}});
  select.reset();
  return superseded;
}

}  // namespace callsheet::ledger
