#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Private to ledger/: reads the tasks of one run, with their attempts. Throws SQLite::Exception.
namespace callsheet::ledger {

/// `most` tasks from `first` on.
std::vector<TaskRecord> read_tasks(SqliteStore& store, std::int64_t run, TaskId first, std::size_t most);
/// Empty: there is none.
std::optional<TaskRecord> read_task(SqliteStore& store, std::int64_t run, TaskId task);
std::vector<TaskRecord> read_each(SqliteStore& store, std::int64_t run, std::vector<TaskId> const& tasks);
std::optional<TaskRecord> find_task(SqliteStore& store, std::int64_t run, TaskIdentity const& identity);
std::vector<TaskRecord> find_tasks(SqliteStore& store, std::int64_t run, std::string const& name);
UnderWay read_under_way(SqliteStore& store, std::int64_t run, std::size_t most);
std::vector<TaskRecord> read_latest_ends(SqliteStore& store, std::int64_t run, std::size_t most);
std::vector<ElementTask> read_elements(SqliteStore& store, std::int64_t run);

/// What a statement that is read by task_from() begins with; its tables are `t`, tasks, and `o`, outcomes.
extern char const* const task_columns;
/// Without its attempts.
TaskRecord task_from(SQLite::Statement& select);

}  // namespace callsheet::ledger
