#include "orchestrator/ledger/sqlite_rows.hpp"

#include "orchestrator/ledger/sqlite_values.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace callsheet::ledger {

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
    bind_clip(insert, 3, &record.clip);
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
    bind_origin(insert, 6, record.made_by);
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
    bind_balance(update, 1, after_.balance);
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
    bind_maybe(update, 4, ended);
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

void write_record(SqliteStore& store, std::int64_t run, Record const& record, AttemptStanding const& after) {
  std::visit(SqliteRows{store, run, after}, record);
}

void write_entries(SqliteStore& store, std::int64_t run, AttemptKey attempt, TimePoint at,
                   std::vector<Posting> const& postings) {
  for (Posting const& posting : postings) {
    auto& insert = store.prepared(
        "INSERT INTO entries (at, run, task, ordinal, from_account, to_account, amount, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, to_sql(at));
    insert.bind(2, run);
    insert.bind(3, to_sql(attempt.task));
    insert.bind(4, static_cast<std::int64_t>(attempt.ordinal));
    bind_word(insert, 5, to_string(posting.from));
    bind_word(insert, 6, to_string(posting.to));
    insert.bind(7, posting.amount.units());
    bind_word(insert, 8, posting.reason);
    insert.exec();
  }
}

void reopen_task(SqliteStore& store, std::int64_t run, TaskId task) {
  auto& update = store.prepared(
      "UPDATE outcomes SET outcome = 'outstanding', why = '', ended = NULL WHERE run = ? AND task = ? "
      "AND outcome = 'in_doubt'");
  update.bind(1, run);
  update.bind(2, to_sql(task));
  update.exec();
}

}  // namespace callsheet::ledger
