#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <filesystem>

#include <SQLiteCpp/Database.h>

// Private to ledger/.
namespace callsheet::ledger {

/// Brings the ledger at `path` to the schema this program knows; one that is opened for reading is left as it
/// is. Fails with Code::ledger_version; throws SQLite::Exception.
[[nodiscard]] Result<void> migrate(SQLite::Database& database, std::filesystem::path const& path,
                                   Access access);

}  // namespace callsheet::ledger
