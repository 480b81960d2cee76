#include "orchestrator/ledger/sqlite_attempts.hpp"

#include "orchestrator/ledger/sqlite_values.hpp"

#include <algorithm>

namespace callsheet::ledger {

std::int64_t read_position(SqliteStore& store) {
  auto& select = store.prepared("SELECT coalesce(max(entry), 0) FROM entries");
  std::int64_t const last = select.executeStep() ? select.getColumn(0).getInt64() : 0;
  select.reset();
  return last;
}

std::vector<bool> read_known_ids(SqliteStore& store, std::string const& gateway,
                                 std::vector<GatewayTaskId> const& ids, TimePoint submitted_since) {
  std::vector<bool> known(ids.size());
  auto& select = store.prepared(
      "SELECT a.gateway_task_id FROM attempts a JOIN runs r ON r.run = a.run WHERE r.gateway = ? "
      "AND a.submitted >= ? AND a.gateway_task_id <> ''");
  bind_text(select, 1, gateway);
  select.bind(2, to_sql(submitted_since));
  while (select.executeStep()) {
    GatewayTaskId const id{select.getColumn(0).getString()};
    for (std::size_t i = 0; i < ids.size(); ++i) known[i] = known[i] || ids[i] == id;
  }
  select.reset();
  return known;
}

bool is_known(SqliteStore& store, std::string const& gateway, GatewayTaskId const& id) {
  auto& select = store.prepared(
      "SELECT EXISTS (SELECT 1 FROM attempts a JOIN runs r ON r.run = a.run WHERE r.gateway = ? "
      "AND a.gateway_task_id = ?)");
  bind_text(select, 1, gateway);
  bind_text(select, 2, id.str());
  bool const known = select.executeStep() && select.getColumn(0).getInt() != 0;
  select.reset();
  return known;
}

std::vector<Undecided> read_undecided(SqliteStore& store, std::string const& gateway, RunId const& except) {
  auto& select = store.prepared(
      "SELECT a.model, a.submitted FROM attempts a JOIN runs r ON r.run = a.run WHERE r.gateway = ? "
      "AND r.id <> ? AND a.state IN ('submitting', 'in_doubt')");
  bind_text(select, 1, gateway);
  bind_text(select, 2, except.str());
  std::vector<Undecided> undecided;
  while (select.executeStep())
    undecided.push_back({.model = ModelId{select.getColumn(0).getString()},
                         .submitted = time_from_sql(select.getColumn(1).getInt64())});
  select.reset();
  return undecided;
}

std::vector<std::pair<ModelId, TimePoint>> read_creates_since(SqliteStore& store, std::string const& gateway,
                                                              TimePoint since, TimePoint now) {
  // A request left between its intent and its answer; where there is no answer, up to now.
  auto& select = store.prepared(
      "SELECT a.model, coalesce(a.accepted, a.ended, ?3) AS left_by FROM attempts a JOIN runs r "
      "ON r.run = a.run WHERE r.gateway = ?1 AND left_by >= ?2 AND a.submitted <= ?3 ORDER BY left_by");
  bind_text(select, 1, gateway);
  select.bind(2, to_sql(since));
  select.bind(3, to_sql(now));
  std::vector<std::pair<ModelId, TimePoint>> creates;
  while (select.executeStep())
    creates.emplace_back(ModelId{select.getColumn(0).getString()},
                         std::min(now, time_from_sql(select.getColumn(1).getInt64())));
  select.reset();
  return creates;
}

std::vector<AttemptTally> read_attempt_tallies(SqliteStore& store, std::string const& gateway,
                                               TimePoint since) {
  auto& select = store.prepared(
      "SELECT a.model, a.state, coalesce(a.failure_kind, '') AS kind, count(*), sum(a.billed > 0) FROM "
      "attempts a JOIN runs r ON r.run = a.run WHERE r.gateway = ? AND a.submitted >= ? AND a.state NOT "
      "IN ('submitting', 'running') GROUP BY a.model, a.state, kind ORDER BY a.model, a.state, kind");
  bind_text(select, 1, gateway);
  select.bind(2, to_sql(since));
  std::vector<AttemptTally> tallies;
  while (select.executeStep())
    tallies.push_back(
        {.model = ModelId{select.getColumn(0).getString()},
         .state = parse_attempt_state(select.getColumn(1).getString()).value_or(AttemptState::in_doubt),
         .failure = parse_failure_kind(select.getColumn(2).getString()),
         .attempts = select.getColumn(3).getInt64(),
         .billed = select.getColumn(4).getInt64()});
  select.reset();
  return tallies;
}

Credits read_day(SqliteStore& store, std::string const& gateway, std::int64_t day) {
  auto& select = store.prepared("SELECT committed FROM days WHERE gateway = ? AND day = ?");
  bind_text(select, 1, gateway);
  select.bind(2, day);
  Credits const committed = select.executeStep() ? credits_at(select, 0) : Credits{};
  select.reset();
  return committed;
}

}  // namespace callsheet::ledger
