#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

// Private to ledger/: what is left to do of a run.
namespace callsheet::ledger {

/// `path`: for errors.
std::unique_ptr<Ledger::Pending> read_pending(SqliteStore& store, std::int64_t run,
                                              std::filesystem::path path);

}  // namespace callsheet::ledger
