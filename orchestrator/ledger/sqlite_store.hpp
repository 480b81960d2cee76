#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

// Private to ledger/: the parts of the SQLite ledger share the connection and its prepared statements.
namespace callsheet::ledger {

/// A connection with a cache of prepared statements. One thread at a time. Throws SQLite::Exception.
class SqliteStore {
 public:
  explicit SqliteStore(std::filesystem::path const& path, int flags) : database_{path.string(), flags} {}

  SQLite::Database& database() { return database_; }

  /// The statement, reset and ready to bind. `sql` must be a literal: its address is the cache's key.
  SQLite::Statement& prepared(char const* sql);

 private:
  SQLite::Database database_;
  std::unordered_map<char const*, std::unique_ptr<SQLite::Statement>> statements_;
};

inline std::int64_t to_sql(TimePoint time) {
  return time.time_since_epoch().count();
}
inline TimePoint time_from_sql(std::int64_t microseconds) {
  return TimePoint{Duration{microseconds}};
}

/// Books one record of a run. Returns the refusal of an Intent. Within the caller's transaction.
Receipt book(SqliteStore& store, std::int64_t run, std::string const& gateway, Record const& record);

RunRecord read_run(SqliteStore& store, RunSummary summary, std::int64_t run);

}  // namespace callsheet::ledger
