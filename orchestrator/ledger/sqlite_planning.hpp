#pragma once

#include "orchestrator/core/limits.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <cstdint>
#include <string>
#include <vector>

// Private to ledger/: how a run is written down before it starts. Within the caller's transaction. Throws
// SQLite::Exception.
namespace callsheet::ledger {

/// Throws away what was written of runs of its campaign that never started.
void write_run(SqliteStore& store, NewRun const& run);
void write_routes(SqliteStore& store, std::int64_t run, std::vector<std::string> const& routes);
void write_tasks(SqliteStore& store, std::int64_t run, std::vector<NewTask> const& tasks);
void write_start(SqliteStore& store, std::int64_t run, std::string const& settings, Budget const& caps);

}  // namespace callsheet::ledger
