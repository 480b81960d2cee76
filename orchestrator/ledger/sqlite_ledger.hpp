#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <filesystem>
#include <memory>

namespace callsheet::ledger {

enum class Access {
  read,        ///< never creates or changes anything
  read_write,  ///< creates the file and its folder when they are not there
};

/// Opens the ledger in a SQLite file (WAL, synchronous FULL: a commit survives loss of power). An older
/// schema is migrated (read_write), a newer one refused with Code::ledger_version. Fails with Code::not_found
/// when reading a ledger that does not exist, else Code::ledger_unavailable. ":memory:" makes one that lives
/// with the object.
[[nodiscard]] Result<std::unique_ptr<Ledger>> open_sqlite_ledger(std::filesystem::path const& path,
                                                                 Access access);

}  // namespace callsheet::ledger
