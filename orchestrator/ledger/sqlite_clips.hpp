#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_runs.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <optional>
#include <string>
#include <vector>

// Private to ledger/: who has a clip, of all runs at a gateway. Throws SQLite::Exception.
namespace callsheet::ledger {

/// Looks whether files are there.
std::optional<KnownClip> find_clip(SqliteStore& store, std::string const& gateway,
                                   TaskIdentity const& identity, Clips clips);
std::vector<LeftTask> read_left_to_others(SqliteStore& store, RunRow const& row);
std::vector<Superseded> read_superseded(SqliteStore& store, RunRow const& row);
/// A run that has money out for what the task asks for, or has made it and booked that after `known_until`.
std::optional<RunId> find_taker(SqliteStore& store, RunRow const& row, TaskId task, std::int64_t known_until);

}  // namespace callsheet::ledger
