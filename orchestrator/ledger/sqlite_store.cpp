#include "orchestrator/ledger/sqlite_store.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace callsheet::ledger {

SQLite::Statement& SqliteStore::prepared(char const* sql) {
  std::unique_ptr<SQLite::Statement>& statement = statements_[sql];
  if (!statement)
    statement = std::make_unique<SQLite::Statement>(database_, sql);
  else
    statement->tryReset();  // which says once more what its last run failed with: that was told already
  return *statement;
}

bool may_be_full(SQLite::Exception const& thrown) {
  return thrown.getErrorCode() == SQLITE_FULL || thrown.getErrorCode() == SQLITE_IOERR;
}

Error ledger_error(std::filesystem::path const& path, SQLite::Exception const& thrown) {
  if (thrown.getErrorCode() == SQLITE_NOTADB)
    return {.code = Code::usage,
            .what = fmt::format("'{}' is not a ledger", path.string()),
            .mend = "name the ledger with --ledger; by default it is .callsheet/ledger.db"};
  bool const full = may_be_full(thrown);
  return {.code = Code::ledger_unavailable,
          .what = fmt::format("the ledger '{}' failed: {}", path.string(), thrown.what()),
          .mend = full
                      ? "free some disk space, or check the disk; nothing is lost, `callsheet resume` goes on"
                      : "check the file's rights and that no other program holds it open"};
}

}  // namespace callsheet::ledger
