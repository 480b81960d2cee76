#include "orchestrator/ledger/sqlite_values.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace callsheet::ledger {

std::string groups_text(GroupSet const& groups) {
  std::string text;
  for (std::uint16_t const group : groups) text += fmt::format("{}{}", text.empty() ? "" : ",", group);
  return text;
}

GroupSet parse_groups(std::string_view text) {
  GroupSet groups;
  while (!text.empty() && groups.size < GroupSet::most) {
    std::size_t const comma = std::min(text.find(','), text.size());
    std::uint16_t group = 0;
    std::from_chars(text.data(), text.data() + comma, group);
    groups.indexes[groups.size++] = group;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return groups;
}

void bind_maybe(SQLite::Statement& statement, int at, std::optional<Credits> amount) {
  if (amount)
    statement.bind(at, amount->units());
  else
    statement.bind(at);
}

void bind_maybe(SQLite::Statement& statement, int at, std::optional<TimePoint> time) {
  if (time)
    statement.bind(at, to_sql(*time));
  else
    statement.bind(at);
}

void bind_balance(SQLite::Statement& statement, int first, Balance const& balance) {
  statement.bind(first, balance.held.units());
  statement.bind(first + 1, balance.billed.units());
  statement.bind(first + 2, balance.refund_expected.units());
}

void bind_origin(SQLite::Statement& statement, int first, std::optional<Origin> const& origin) {
  bind_word(statement, first, origin ? origin->run.str() : "");
  bind_word(statement, first + 1, origin ? origin->model.str() : "");
  bind_word(statement, first + 2, origin ? to_string(origin->quality) : "");
}

void bind_clip(SQLite::Statement& statement, int first, ClipRecord const* clip) {
  if (clip == nullptr) {
    for (int column = first; column < first + 6; ++column) statement.bind(column);
    return bind_word(statement, first + 6, "");
  }
  bind_text(statement, first, clip->path);
  statement.bind(first + 1, static_cast<std::int64_t>(clip->size_bytes));
  statement.bind(first + 2, clip->width);
  statement.bind(first + 3, clip->height);
  statement.bind(first + 4, static_cast<std::int64_t>(clip->length.count()));
  statement.bind(first + 5, clip->has_sound ? 1 : 0);
  bind_text(statement, first + 6, clip->sha256.str());
}

std::optional<Credits> maybe_credits_at(SQLite::Statement& select, int at) {
  return select.getColumn(at).isNull() ? std::nullopt : std::optional{credits_at(select, at)};
}

std::optional<TimePoint> maybe_time_at(SQLite::Statement& select, int at) {
  SQLite::Column const column = select.getColumn(at);
  return column.isNull() ? std::nullopt : std::optional{time_from_sql(column.getInt64())};
}

std::optional<std::string> maybe_text_at(SQLite::Statement& select, int at) {
  SQLite::Column const column = select.getColumn(at);
  return column.isNull() ? std::nullopt : std::optional{column.getString()};
}

Quality quality_at(SQLite::Statement& select, int at) {
  return parse_quality(select.getColumn(at).getString()).value_or(Quality::p720);
}

Balance balance_at(SQLite::Statement& select, int first) {
  return {.held = credits_at(select, first),
          .billed = credits_at(select, first + 1),
          .refund_expected = credits_at(select, first + 2)};
}

std::optional<ClipRecord> maybe_clip_at(SQLite::Statement& select, int first) {
  if (select.getColumn(first).isNull()) return std::nullopt;
  return ClipRecord{.path = select.getColumn(first).getString(),
                    .size_bytes = static_cast<std::uint64_t>(select.getColumn(first + 1).getInt64()),
                    .width = select.getColumn(first + 2).getInt(),
                    .height = select.getColumn(first + 3).getInt(),
                    .length = std::chrono::milliseconds{select.getColumn(first + 4).getInt64()},
                    .has_sound = select.getColumn(first + 5).getInt() != 0,
                    .sha256 = ContentDigest{select.getColumn(first + 6).getString()}};
}

}  // namespace callsheet::ledger
