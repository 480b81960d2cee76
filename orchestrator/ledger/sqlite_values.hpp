#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

// Private to ledger/: how the ledger's values stand in columns.
namespace callsheet::ledger {

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
void bind_maybe(SQLite::Statement& statement, int at, std::optional<Credits> amount);
void bind_maybe(SQLite::Statement& statement, int at, std::optional<TimePoint> time);

/// held, billed, refund_expected
void bind_balance(SQLite::Statement& statement, int first, Balance const& balance);
/// made_by, made_by_model, made_at_quality
void bind_origin(SQLite::Statement& statement, int first, std::optional<Origin> const& origin);
/// path, size_bytes, width, height, length_ms, has_sound, sha256. The clip (null: there is none) outlives the
/// statement's execution.
void bind_clip(SQLite::Statement& statement, int first, ClipRecord const* clip);

// The same columns read: from the one with this number on.

inline TaskId task_at(SQLite::Statement& select, int at) {
  return TaskId{select.getColumn(at).getUInt()};
}
inline Credits credits_at(SQLite::Statement& select, int at) {
  return Credits::from_units(select.getColumn(at).getInt64());
}
/// Empty for NULL.
std::optional<Credits> maybe_credits_at(SQLite::Statement& select, int at);
std::optional<TimePoint> maybe_time_at(SQLite::Statement& select, int at);
std::optional<std::string> maybe_text_at(SQLite::Statement& select, int at);
Quality quality_at(SQLite::Statement& select, int at);
Balance balance_at(SQLite::Statement& select, int first);
std::optional<ClipRecord> maybe_clip_at(SQLite::Statement& select, int first);

}  // namespace callsheet::ledger
