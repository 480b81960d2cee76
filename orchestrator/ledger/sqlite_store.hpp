#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

  /// The statement, reset and ready to bind. `sql` must be a literal: its address is the cache's key.
  SQLite::Statement& prepared(char const* sql);

 private:
  SQLite::Database database_;
  std::unordered_map<char const*, std::unique_ptr<SQLite::Statement>> statements_;
};

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

inline std::int64_t to_sql(TimePoint time) {
  return time.time_since_epoch().count();
}
inline TimePoint time_from_sql(std::int64_t microseconds) {
  return TimePoint{Duration{microseconds}};
}
inline std::int64_t to_sql(TaskId task) {
  return static_cast<std::int64_t>(index(task));
}

/// "0,3" and back: the group caps an attempt counts against.
std::string groups_text(GroupSet const& groups);
GroupSet parse_groups(std::string_view text);

/// Binds a text that outlives the statement's execution.
inline void bind_text(SQLite::Statement& statement, int at, std::string const& text) {
  statement.bindNoCopy(at, text);
}
void bind_text(SQLite::Statement& statement, int at, std::string const&& text) = delete;
/// Binds a short text: it is copied.
inline void bind_word(SQLite::Statement& statement, int at, std::string_view word) {
  statement.bind(at, std::string{word});
}

/// NULL for none.
inline void bind_maybe(SQLite::Statement& statement, int at, std::optional<Credits> amount) {
  if (amount)
    statement.bind(at, amount->units());
  else
    statement.bind(at);
}

/// A run's row.
struct RunRow {
  std::int64_t run = 0;
  std::string gateway;
};

/// The book of one run beside its rows: books records, and writes down what they come to. Within the caller's
/// transaction. After a failed transaction it must be thrown away: the rows went back, the book did not.
class SqliteBook {
 public:
  SqliteBook(SqliteStore& store, RunRow row);

  /// Reads anew what other processes may have written since.
  void begin_batch(std::vector<Record> const& records);
  Receipt book(Record const& record);
  /// Writes the balances that the batch has changed.
  void end_batch();

 private:
  void write(Record const& record, AttemptStanding const& after);
  std::optional<RunId> taken_by(Intent const& intent);
  void write_entries(AttemptKey attempt, TimePoint at, std::vector<Posting> const& postings);
  void remember(AttemptKey attempt);
  void reopen(TaskId task);
  [[nodiscard]] bool is_taken(GatewayTaskId const& id);

  SqliteStore& store_;
  RunRow row_;
  Book book_;
};

/// The standing of an attempt as its row has it; empty: there is no such attempt.
std::optional<AttemptStanding> read_standing(SqliteStore& store, std::int64_t run, AttemptKey attempt);

/// What counts against the day's cap at that gateway; `day` as day_of() has it.
Credits read_day(SqliteStore& store, std::string const& gateway, std::int64_t day);

std::optional<RunRow> find_run(SqliteStore& store, RunId const& id);
RunSummary read_summary(SqliteStore& store, std::int64_t run);
RunRecord read_run(SqliteStore& store, std::int64_t run);
/// `number` tasks from `first` on, with their attempts.
std::vector<TaskRecord> read_tasks(SqliteStore& store, std::int64_t run, TaskId first, std::size_t most);
/// One task with its attempts; empty: there is none.
std::optional<TaskRecord> read_task(SqliteStore& store, std::int64_t run, TaskId task);
UnderWay read_under_way(SqliteStore& store, std::int64_t run, std::size_t most);
std::vector<TaskRecord> read_latest_ends(SqliteStore& store, std::int64_t run, std::size_t most);
EndedTasks read_ended_tasks(SqliteStore& store, std::int64_t run);
std::vector<ElementTask> read_elements(SqliteStore& store, std::int64_t run);
std::vector<Entry> read_entries(SqliteStore& store, std::int64_t run, std::optional<TaskId> task);
std::vector<LeftTask> read_left_to_others(SqliteStore& store, RunRow const& row);
std::vector<Superseded> read_superseded(SqliteStore& store, RunRow const& row);
std::optional<KnownClip> find_clip(SqliteStore& store, std::string const& gateway,
                                   TaskIdentity const& identity, Clips clips);
/// `path`: for errors.
std::unique_ptr<Ledger::Pending> read_pending(SqliteStore& store, std::int64_t run,
                                              std::filesystem::path path);

}  // namespace callsheet::ledger
