#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <memory>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

// Private to ledger/: the parts of the SQLite ledger share the connection and its prepared statements.
namespace callsheet::ledger {

/// A connection with a cache of prepared statements. One thread at a time. Throws SQLite::Exception.
class SqliteStore {
 public:
  SqliteStore(std::filesystem::path const& path, int flags) : database_{path.string(), flags} {}

  SQLite::Database& database() { return database_; }

  /// The statement, reset and ready to bind. `sql`: a static text: its address is the cache's key.
  SQLite::Statement& prepared(char const* sql);

 private:
  SQLite::Database database_;
  std::unordered_map<char const*, std::unique_ptr<SQLite::Statement>> statements_;
};

/// A full disk met in the WAL or its index comes as an I/O error; one that is broken looks the same.
[[nodiscard]] bool may_be_full(SQLite::Exception const& thrown);

/// What SQLite has thrown, as an error of the ledger at `path`.
[[nodiscard]] Error ledger_error(std::filesystem::path const& path, SQLite::Exception const& thrown);

/// Runs `work` and turns what SQLite throws into an Error; an open transaction rolls back on the way out.
template <class Work>
auto guarded(std::filesystem::path const& path, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (SQLite::Exception const& thrown) {
    return fail(ledger_error(path, thrown));
  }
}

}  // namespace callsheet::ledger
