#include "orchestrator/ledger/sqlite_book.hpp"

#include "orchestrator/core/assert.hpp"
#include "orchestrator/ledger/sqlite_attempts.hpp"
#include "orchestrator/ledger/sqlite_clips.hpp"
#include "orchestrator/ledger/sqlite_rows.hpp"
#include "orchestrator/ledger/sqlite_values.hpp"

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

Budget read_caps(SqliteStore& store, std::int64_t run) {
  Budget caps;
  auto& select = store.prepared("SELECT cap, daily_cap, per_task FROM runs WHERE run = ?");
  select.bind(1, run);
  CALLSHEET_ASSERT(select.executeStep());
  caps.cap = credits_at(select, 0);
  caps.daily = maybe_credits_at(select, 1);
  caps.per_task = maybe_credits_at(select, 2);
  select.reset();
  auto& groups = store.prepared("SELECT axis, value, cap FROM group_caps WHERE run = ? ORDER BY number");
  groups.bind(1, run);
  while (groups.executeStep())
    caps.groups.push_back({.axis = groups.getColumn(0).getString(),
                           .value = groups.getColumn(1).getString(),
                           .cap = credits_at(groups, 2)});
  groups.reset();
  return caps;
}

/// As its row has it; empty: there is no such attempt.
std::optional<AttemptStanding> read_standing(SqliteStore& store, std::int64_t run, AttemptKey attempt) {
  auto& select = store.prepared(
      "SELECT state, held, billed, refund_expected, day, groups FROM attempts WHERE run = ? AND task = ? "
      "AND ordinal = ?");
  select.bind(1, run);
  select.bind(2, to_sql(attempt.task));
  select.bind(3, static_cast<std::int64_t>(attempt.ordinal));
  std::optional<AttemptStanding> standing;
  if (select.executeStep())
    standing = AttemptStanding{
        .state = parse_attempt_state(select.getColumn(0).getString()).value_or(AttemptState::submitting),
        .balance = balance_at(select, 1),
        .day = select.getColumn(4).getInt64(),
        .groups = parse_groups(select.getColumn(5).getString())};
  select.reset();
  return standing;
}

}  // namespace

SqliteBook::SqliteBook(SqliteStore& store, RunRow row)
    : store_{store}, row_{std::move(row)}, book_{read_caps(store, row_.run)} {
  auto& select = store.prepared("SELECT held, billed, refund_expected FROM runs WHERE run = ?");
  select.bind(1, row_.run);
  CALLSHEET_ASSERT(select.executeStep());
  Balance const balance = balance_at(select, 0);
  select.reset();
  std::vector<Credits> committed;
  auto& groups = store.prepared("SELECT committed FROM group_caps WHERE run = ? ORDER BY number");
  groups.bind(1, row_.run);
  while (groups.executeStep()) committed.push_back(credits_at(groups, 0));
  groups.reset();
  book_.restore(balance, committed);
}

void SqliteBook::begin_batch(std::vector<Record> const& records) {
  if (!book_.caps().daily) return;
  for (Record const& record : records) {
    auto const* const intent = std::get_if<Intent>(&record);
    if (intent == nullptr) continue;
    book_.set_day(day_of(intent->at), read_day(store_, row_.gateway, day_of(intent->at)));
    break;  // one batch spans milliseconds: midnight within it costs one batch that is counted a day early
  }
}

/// Attempts of tasks that ended, or of an earlier process, come back when there is news of them.
void SqliteBook::remember(AttemptKey attempt) {
  if (book_.knows(attempt)) return;
  if (auto const standing = read_standing(store_, row_.run, attempt)) book_.restore(attempt, *standing);
}

void SqliteBook::remember_for(Record const& record) {
  AttemptKey const* const attempt = attempt_of(record);
  if (attempt == nullptr) return;
  if (!std::holds_alternative<Intent>(record)) return remember(*attempt);
  // For the task's cap, what its earlier attempts cost has to be known too.
  for (std::uint32_t ordinal = 1; ordinal < attempt->ordinal; ++ordinal) remember({attempt->task, ordinal});
}

/// What other runs have is looked up where none of them can change it before the hold stands.
std::optional<Receipt> SqliteBook::refusal(Record const& record) {
  if (auto const* const intent = std::get_if<Intent>(&record))
    if (auto const other = find_taker(store_, row_, intent->attempt.task, intent->known_until))
      return taken_elsewhere(*other);
  if (auto const* const id = std::get_if<IdReceived>(&record);
      id != nullptr && id->source == IdSource::found && is_known(store_, row_.gateway, id->id))
    return Receipt{.granted = false, .why = fmt::format("another attempt has the task {}", id->id.str())};
  return std::nullopt;
}

Receipt SqliteBook::book(Record const& record) {
  if (auto const refused = refusal(record)) return *refused;
  remember_for(record);
  Book::Booked const booked = book_.book(record);
  if (!booked.receipt.granted) return booked.receipt;
  write_record(store_, row_.run, record, booked.standing);
  AttemptKey const* const attempt = attempt_of(record);
  if (booked.doubt_is_over) reopen_task(store_, row_.run, attempt->task);
  if (attempt != nullptr) write_entries(store_, row_.run, *attempt, time_of(record), booked.postings);
  return booked.receipt;
}

void SqliteBook::end_batch() {
  auto& update = store_.prepared("UPDATE runs SET held = ?, billed = ?, refund_expected = ? WHERE run = ?");
  bind_balance(update, 1, book_.run());
  update.bind(4, row_.run);
  update.exec();
  for (std::size_t i = 0; i < book_.caps().groups.size(); ++i) {
    auto& group = store_.prepared("UPDATE group_caps SET committed = ? WHERE run = ? AND number = ?");
    group.bind(1, book_.group_committed(i).units());
    group.bind(2, row_.run);
    group.bind(3, static_cast<std::int64_t>(i));
    group.exec();
  }
  for (auto const& [day, change] : book_.take_day_changes()) {
    if (change == Credits{}) continue;
    auto& days = store_.prepared(
        "INSERT INTO days (gateway, day, committed) VALUES (?, ?, ?) ON CONFLICT (gateway, day) DO UPDATE "
        "SET committed = committed + excluded.committed");
    bind_text(days, 1, row_.gateway);
    days.bind(2, day);
    days.bind(3, change.units());
    days.exec();
  }
}

}  // namespace callsheet::ledger
