#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Private to ledger/: reads runs as a whole. Throws SQLite::Exception.
namespace callsheet::ledger {

/// A run's row.
struct RunRow {
  std::int64_t run = 0;
  std::string gateway;
};

std::optional<RunRow> find_run(SqliteStore& store, RunId const& id);
/// Of runs that have started, the newest first.
std::vector<std::int64_t> read_latest_runs(SqliteStore& store, int most);
/// As Ledger::later_settings().
[[nodiscard]] std::vector<std::string> read_later_settings(SqliteStore& store, std::int64_t run);
RunSummary read_summary(SqliteStore& store, std::int64_t run);
RunRecord read_run(SqliteStore& store, std::int64_t run);
EndedTasks read_ended_tasks(SqliteStore& store, std::int64_t run);
std::vector<Entry> read_entries(SqliteStore& store, std::int64_t run, std::optional<TaskId> task);

}  // namespace callsheet::ledger
