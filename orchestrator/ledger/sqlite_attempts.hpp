#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Private to ledger/: the attempts of all runs at one gateway. Throws SQLite::Exception.
namespace callsheet::ledger {

/// The number of the last entry.
std::int64_t read_position(SqliteStore& store);
/// By position.
std::vector<bool> read_known_ids(SqliteStore& store, std::string const& gateway,
                                 std::vector<GatewayTaskId> const& ids, TimePoint submitted_since);
/// Whether some attempt has it.
bool is_known(SqliteStore& store, std::string const& gateway, GatewayTaskId const& id);
std::vector<Undecided> read_undecided(SqliteStore& store, std::string const& gateway, RunId const& except);
std::vector<std::pair<ModelId, TimePoint>> read_creates_since(SqliteStore& store, std::string const& gateway,
                                                              TimePoint since, TimePoint now);
std::vector<AttemptTally> read_attempt_tallies(SqliteStore& store, std::string const& gateway,
                                               TimePoint since);
/// What counts against the day's cap; `day` as day_of() has it.
Credits read_day(SqliteStore& store, std::string const& gateway, std::int64_t day);

}  // namespace callsheet::ledger
