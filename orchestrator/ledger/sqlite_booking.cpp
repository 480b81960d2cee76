// Writes down what records come to. Every statement runs inside the transaction of SqliteLedger::commit.

#include "orchestrator/core/assert.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

Budget read_caps(SqliteStore& store, std::int64_t run) {
  Budget caps;
  auto& select = store.prepared("SELECT cap, daily_cap, per_task FROM runs WHERE run = ?");
  select.bind(1, run);
  CALLSHEET_ASSERT(select.executeStep());
  auto const optional = [&](int column) {
    return select.getColumn(column).isNull()
               ? std::nullopt
               : std::optional{Credits::from_units(select.getColumn(column).getInt64())};
  };
  caps.cap = Credits::from_units(select.getColumn(0).getInt64());
  caps.daily = optional(1);
  caps.per_task = optional(2);
  select.reset();
  auto& groups = store.prepared("SELECT axis, value, cap FROM group_caps WHERE run = ? ORDER BY number");
  groups.bind(1, run);
  while (groups.executeStep())
    caps.groups.push_back({.axis = groups.getColumn(0).getString(),
                           .value = groups.getColumn(1).getString(),
                           .cap = Credits::from_units(groups.getColumn(2).getInt64())});
  groups.reset();
  return caps;
}

}  // namespace

SQLite::Statement& SqliteStore::prepared(char const* sql) {
  std::unique_ptr<SQLite::Statement>& statement = statements_[sql];
  if (!statement)
    statement = std::make_unique<SQLite::Statement>(database_, sql);
  else
    statement->tryReset();  // which says once more what its last run failed with: that was told already
  return *statement;
}

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

SqliteBook::SqliteBook(SqliteStore& store, RunRow row)
    : store_{store}, row_{std::move(row)}, book_{read_caps(store, row_.run)} {
  auto& select = store.prepared("SELECT held, billed, refund_expected FROM runs WHERE run = ?");
  select.bind(1, row_.run);
  CALLSHEET_ASSERT(select.executeStep());
  Balance const balance{.held = Credits::from_units(select.getColumn(0).getInt64()),
                        .billed = Credits::from_units(select.getColumn(1).getInt64()),
                        .refund_expected = Credits::from_units(select.getColumn(2).getInt64())};
  select.reset();
  std::vector<Credits> committed;
  auto& groups = store.prepared("SELECT committed FROM group_caps WHERE run = ? ORDER BY number");
  groups.bind(1, row_.run);
  while (groups.executeStep()) committed.push_back(Credits::from_units(groups.getColumn(0).getInt64()));
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

bool SqliteBook::is_taken(GatewayTaskId const& id) {
  auto& select = store_.prepared(
      "SELECT EXISTS (SELECT 1 FROM attempts a JOIN runs r ON r.run = a.run WHERE r.gateway = ? "
      "AND a.gateway_task_id = ?)");
  bind_text(select, 1, row_.gateway);
  bind_text(select, 2, id.str());
  bool const taken = select.executeStep() && select.getColumn(0).getInt() != 0;
  select.reset();
  return taken;
}

/// The run that has what the task asks for, looked up where no other run can change it before the hold
/// stands.
std::optional<RunId> SqliteBook::taken_by(Intent const& intent) {
  auto& select = store_.prepared(
      "SELECT r.id FROM tasks mine JOIN tasks t ON t.identity = mine.identity AND t.run <> mine.run "
      "JOIN runs r ON r.run = t.run AND r.gateway = ? AND r.status <> 'planned' "
      "JOIN attempts a ON a.run = t.run AND a.task = t.task "
      "LEFT JOIN outcomes o ON o.run = t.run AND o.task = t.task WHERE mine.run = ? AND mine.task = ? "
      "AND (a.state IN ('submitting', 'running', 'in_doubt') OR (a.state = 'finished' "
      "AND (coalesce(o.outcome, 'outstanding') = 'outstanding' "
      "OR (o.outcome IN ('made', 'mismatched') AND EXISTS (SELECT 1 FROM entries e WHERE e.run = a.run "
      "AND e.task = a.task AND e.ordinal = a.ordinal AND e.entry > ?))))) LIMIT 1");
  bind_text(select, 1, row_.gateway);
  select.bind(2, row_.run);
  select.bind(3, to_sql(intent.attempt.task));
  select.bind(4, intent.known_until);
  std::optional<RunId> run;
  if (select.executeStep()) run = RunId{select.getColumn(0).getString()};
  select.reset();
  return run;
}

Receipt SqliteBook::book(Record const& record) {
  AttemptKey const* const attempt = attempt_of(record);
  if (auto const* const intent = std::get_if<Intent>(&record)) {
    if (auto const other = taken_by(*intent)) return taken_elsewhere(*other);
    // For the task's cap, what its earlier attempts cost has to be known too.
    for (std::uint32_t ordinal = 1; ordinal < attempt->ordinal; ++ordinal) remember({attempt->task, ordinal});
  } else if (attempt != nullptr) {
    remember(*attempt);
  }
  if (auto const* id = std::get_if<IdReceived>(&record);
      id != nullptr && id->source == IdSource::found && is_taken(id->id))
    return {.granted = false, .why = fmt::format("another attempt has the task {}", id->id.str())};
  Book::Booked const booked = book_.book(record);
  if (!booked.receipt.granted) return booked.receipt;
  write(record, booked.standing);
  if (booked.doubt_is_over) reopen(attempt->task);
  if (attempt != nullptr) write_entries(*attempt, time_of(record), booked.postings);
  return booked.receipt;
}

void SqliteBook::reopen(TaskId task) {
  auto& update = store_.prepared(
      "UPDATE outcomes SET outcome = 'outstanding', why = '', ended = NULL WHERE run = ? AND task = ? "
      "AND outcome = 'in_doubt'");
  update.bind(1, row_.run);
  update.bind(2, to_sql(task));
  update.exec();
}

void SqliteBook::write_entries(AttemptKey attempt, TimePoint at, std::vector<Posting> const& postings) {
  for (Posting const& posting : postings) {
    auto& insert = store_.prepared(
        "INSERT INTO entries (at, run, task, ordinal, from_account, to_account, amount, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, to_sql(at));
    insert.bind(2, row_.run);
    insert.bind(3, to_sql(attempt.task));
    insert.bind(4, static_cast<std::int64_t>(attempt.ordinal));
    bind_word(insert, 5, to_string(posting.from));
    bind_word(insert, 6, to_string(posting.to));
    insert.bind(7, posting.amount.units());
    bind_word(insert, 8, posting.reason);
    insert.exec();
  }
}

namespace {

/// The row of the attempt as the record leaves it: one statement a kind.
class SqliteRows {
 public:
  SqliteRows(SqliteStore& store, std::int64_t run, AttemptStanding const& after)
      : store_{store}, run_{run}, after_{after} {}

  void operator()(Intent const& intent) {
    auto& insert = store_.prepared(
        "INSERT INTO attempts (run, task, ordinal, model, quality, state, idempotency_key, callback_token, "
        "request_body, most, held, groups, why, waited, submitted, day, gateway_ahead) "
        "VALUES (?, ?, ?, ?, ?, 'submitting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_key(insert, 1, intent.attempt);
    bind_text(insert, 4, intent.model.str());
    bind_word(insert, 5, to_string(intent.quality));
    bind_text(insert, 6, intent.idempotency_key);
    bind_text(insert, 7, intent.callback_token);
    bind_text(insert, 8, intent.request_body);
    insert.bind(9, intent.most.units());
    insert.bind(10, after_.balance.held.units());
    std::string const groups = groups_text(intent.groups);
    bind_text(insert, 11, groups);
    bind_text(insert, 12, intent.why);
    bind_text(insert, 13, intent.waited);
    insert.bind(14, to_sql(intent.at));
    insert.bind(15, after_.day);
    if (intent.gateway_ahead)
      insert.bind(16, static_cast<std::int64_t>(intent.gateway_ahead->count()));
    else
      insert.bind(16);
    insert.exec();
  }

  void operator()(IdReceived const& record) {
    auto& update = store_.prepared(
        "UPDATE attempts SET state = 'running', gateway_task_id = ?, accepted = ? WHERE run = ? AND task = ? "
        "AND ordinal = ?");
    bind_text(update, 1, record.id.str());
    update.bind(2, to_sql(record.at));
    bind_key(update, 3, record.attempt);
    update.exec();
  }

  void operator()(HoldRaised const& record) { money(record.attempt); }

  void operator()(Settled const& record) {
    auto& update = store_.prepared(
        "UPDATE attempts SET state = 'finished', held = 0, billed = ?, billed_by = ?, ended = ? "
        "WHERE run = ? AND task = ? AND ordinal = ?");
    update.bind(1, after_.balance.billed.units());
    bind_word(update, 2, to_string(record.by));
    update.bind(3, to_sql(record.at));
    bind_key(update, 4, record.attempt);
    update.exec();
  }

  void operator()(Released const& record) { failed(record.attempt, record.failure, record.then, record.at); }
  void operator()(FailureBooked const& record) {
    failed(record.attempt, record.failure, record.then, record.at);
    if (!record.charged) return;
    auto& update = store_.prepared(
        "UPDATE attempts SET billed = ?, billed_by = 'told' WHERE run = ? AND task = ? AND ordinal = ?");
    update.bind(1, after_.balance.billed.units());
    bind_key(update, 2, record.attempt);
    update.exec();
  }
  void operator()(Doubted const& record) { failed(record.attempt, record.failure, "", std::nullopt); }

  void operator()(RefundSettled const& record) {
    money(record.attempt);
    if (record.fate == RefundFate::denied) billed_by_hand(record.attempt);
    note(record.attempt, record.how);
  }
  void operator()(WrittenOff const& record) {
    auto& update = store_.prepared(
        "UPDATE attempts SET state = 'failed', ended = ? WHERE run = ? AND task = ? AND ordinal = ?");
    update.bind(1, to_sql(record.at));
    bind_key(update, 2, record.attempt);
    update.exec();
    money(record.attempt);
    billed_by_hand(record.attempt);
    note(record.attempt, record.how);
  }

  void operator()(ClipStored const& record) {
    auto& insert = store_.prepared(
        "INSERT INTO outcomes (run, task, outcome, path, size_bytes, width, height, length_ms, has_sound, sha256) "
        "VALUES (?, ?, 'outstanding', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET path = excluded.path, size_bytes = excluded.size_bytes, width = excluded.width, "
        "height = excluded.height, length_ms = excluded.length_ms, has_sound = excluded.has_sound, "
        "sha256 = excluded.sha256");
    insert.bind(1, run_);
    insert.bind(2, to_sql(record.task));
    bind_text(insert, 3, record.clip.path);
    insert.bind(4, static_cast<std::int64_t>(record.clip.size_bytes));
    insert.bind(5, record.clip.width);
    insert.bind(6, record.clip.height);
    insert.bind(7, static_cast<std::int64_t>(record.clip.length.count()));
    insert.bind(8, record.clip.has_sound ? 1 : 0);
    bind_text(insert, 9, record.clip.sha256.str());
    insert.exec();
  }

  void operator()(ElementMade const& record) {
    auto& update = store_.prepared("UPDATE elements SET id = ? WHERE run = ? AND task = ?");
    bind_text(update, 1, record.id);
    update.bind(2, run_);
    update.bind(3, to_sql(record.task));
    update.exec();
  }

  void operator()(TaskEnded const& record) {
    auto& insert = store_.prepared(
        "INSERT INTO outcomes (run, task, outcome, why, ended, made_by, made_by_model, made_at_quality) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET outcome = excluded.outcome, why = excluded.why, ended = excluded.ended, made_by = excluded.made_by, "
        "made_by_model = excluded.made_by_model, made_at_quality = excluded.made_at_quality");
    insert.bind(1, run_);
    insert.bind(2, to_sql(record.task));
    bind_word(insert, 3, to_string(record.outcome));
    bind_text(insert, 4, record.why);
    insert.bind(5, to_sql(record.at));
    bind_word(insert, 6, record.made_by ? record.made_by->run.str() : "");
    bind_word(insert, 7, record.made_by ? record.made_by->model.str() : "");
    bind_word(insert, 8, record.made_by ? to_string(record.made_by->quality) : "");
    insert.exec();
  }

  void operator()(RestEnded const& record) {
    auto& insert = store_.prepared(
        "INSERT INTO outcomes (run, task, outcome, why, ended) SELECT t.run, t.task, ?, ?, ? FROM tasks t "
        "WHERE t.run = ? AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.run = t.run AND o.task = t.task) "
        "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.run = t.run AND a.task = t.task)");
    bind_word(insert, 1, to_string(record.outcome));
    bind_text(insert, 2, record.why);
    insert.bind(3, to_sql(record.at));
    insert.bind(4, run_);
    insert.exec();
  }

  void operator()(Noted const& record) {
    auto& insert = store_.prepared("INSERT INTO notes (run, at, text) VALUES (?, ?, ?)");
    insert.bind(1, run_);
    insert.bind(2, to_sql(record.at));
    bind_text(insert, 3, record.text);
    insert.exec();
  }

  void operator()(TermsRenewed const& record) {
    auto& update = store_.prepared("UPDATE runs SET settings = ? WHERE run = ?");
    bind_text(update, 1, record.settings);
    update.bind(2, run_);
    update.exec();
  }

  void operator()(RunEnded const& record) {
    auto& update = store_.prepared("UPDATE runs SET status = ?, ended = ? WHERE run = ?");
    bind_word(update, 1, to_string(record.status));
    if (record.status == RunStatus::running)
      update.bind(2);
    else
      update.bind(2, to_sql(record.at));
    update.bind(3, run_);
    update.exec();
  }

 private:
  void bind_key(SQLite::Statement& statement, int at, AttemptKey key) const {
    statement.bind(at, run_);
    statement.bind(at + 1, to_sql(key.task));
    statement.bind(at + 2, static_cast<std::int64_t>(key.ordinal));
  }

  void money(AttemptKey key) {
    auto& update = store_.prepared(
        "UPDATE attempts SET held = ?, billed = ?, refund_expected = ? WHERE run = ? AND task = ? "
        "AND ordinal = ?");
    update.bind(1, after_.balance.held.units());
    update.bind(2, after_.balance.billed.units());
    update.bind(3, after_.balance.refund_expected.units());
    bind_key(update, 4, key);
    update.exec();
  }

  void billed_by_hand(AttemptKey key) {
    auto& update =
        store_.prepared("UPDATE attempts SET billed_by = 'hand' WHERE run = ? AND task = ? AND ordinal = ?");
    bind_key(update, 1, key);
    update.exec();
  }

  void failed(AttemptKey key, Failure const& failure, std::string_view then, std::optional<TimePoint> ended) {
    auto& update = store_.prepared(
        "UPDATE attempts "
        "SET state = ?, held = ?, refund_expected = ?, ended = ?, failure_kind = ?, failure_code = ?, "
        "failure_message = ?, failure_request_id = ?, after = ? WHERE run = ? AND task = ? AND ordinal = ?");
    bind_word(update, 1, to_string(after_.state));
    update.bind(2, after_.balance.held.units());
    update.bind(3, after_.balance.refund_expected.units());
    if (ended)
      update.bind(4, to_sql(*ended));
    else
      update.bind(4);
    bind_word(update, 5, to_string(failure.kind));
    bind_text(update, 6, failure.code);
    bind_text(update, 7, failure.message);
    bind_text(update, 8, failure.request_id);
    bind_word(update, 9, then);
    bind_key(update, 10, key);
    update.exec();
  }

  /// Evidence that came later is added to what was done about the failure.
  void note(AttemptKey key, std::string_view how) {
    auto& update = store_.prepared(
        "UPDATE attempts SET after = after || CASE WHEN after = '' THEN '' ELSE '; ' END || ? WHERE run = ? "
        "AND task = ? AND ordinal = ?");
    bind_word(update, 1, how);
    bind_key(update, 2, key);
    update.exec();
  }

  SqliteStore& store_;
  std::int64_t run_;
  AttemptStanding const& after_;
};

}  // namespace

void SqliteBook::write(Record const& record, AttemptStanding const& after) {
  std::visit(SqliteRows{store_, row_.run, after}, record);
}

void SqliteBook::end_batch() {
  Balance const& balance = book_.run();
  auto& update = store_.prepared("UPDATE runs SET held = ?, billed = ?, refund_expected = ? WHERE run = ?");
  update.bind(1, balance.held.units());
  update.bind(2, balance.billed.units());
  update.bind(3, balance.refund_expected.units());
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
