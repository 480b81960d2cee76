#pragma once

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/record.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <cstdint>
#include <vector>

// Private to ledger/: writes the rows of runs, tasks and attempts as records leave them. Within the caller's
// transaction. Throws SQLite::Exception.
namespace callsheet::ledger {

/// `after`: of the record's attempt, as booked.
void write_record(SqliteStore& store, std::int64_t run, Record const& record, AttemptStanding const& after);
void write_entries(SqliteStore& store, std::int64_t run, AttemptKey attempt, TimePoint at,
                   std::vector<Posting> const& postings);
/// A task whose doubt is over has not ended any more.
void reopen_task(SqliteStore& store, std::int64_t run, TaskId task);

}  // namespace callsheet::ledger
