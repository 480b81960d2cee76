// Books records: moves money between accounts and keeps attempts in step. Every statement runs inside the
// transaction of SqliteLedger::commit.

#include "orchestrator/core/assert.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <fmt/format.h>

namespace callsheet::ledger {

SQLite::Statement& SqliteStore::prepared(char const* sql) {
  std::unique_ptr<SQLite::Statement>& statement = statements_[sql];
  if (!statement)
    statement = std::make_unique<SQLite::Statement>(database_, sql);
  else
    statement->reset();
  return *statement;
}

namespace {

std::string_view name_of(Account account) {
  switch (account) {
    case Account::available:
      return "available";
    case Account::held:
      return "held";
    case Account::billed:
      return "billed";
    case Account::refund_expected:
      return "refund_expected";
  }
  return "";
}

class Booking {
 public:
  Booking(SqliteStore& store, std::int64_t run, std::string const& gateway)
      : store_{store}, run_{run}, gateway_{gateway} {}

  Receipt operator()(Intent const& intent) {
    std::int64_t const day = std::chrono::floor<std::chrono::days>(intent.at).time_since_epoch().count();
    if (std::string why = cap_breach(intent.most, day); !why.empty())
      return {.granted = false, .why = std::move(why)};
    auto& insert = store_.prepared(
        "INSERT INTO attempts (run, task, ordinal, model, quality, state, idempotency_key, request_body, "
        "held, "
        "submitted, day) VALUES (?, ?, ?, ?, ?, 'submitting', ?, ?, 0, ?, ?)");
    insert.bind(1, run_);
    insert.bind(2, static_cast<std::int64_t>(intent.attempt.task));
    insert.bind(3, static_cast<std::int64_t>(intent.attempt.ordinal));
    insert.bindNoCopy(4, intent.model.str());
    insert.bind(5, std::string{to_string(intent.quality)});
    insert.bindNoCopy(6, intent.idempotency_key);
    insert.bindNoCopy(7, intent.request_body);
    insert.bind(8, to_sql(intent.at));
    insert.bind(9, day);
    insert.exec();
    Attempt const attempt{.row = store_.database().getLastInsertRowid(), .state = {}, .held = {}, .day = day};
    move(attempt, Account::available, Account::held, intent.most, intent.at, "hold before submission");
    return {};
  }

  Receipt operator()(IdReceived const& record) {
    Attempt const attempt = find(record.attempt);
    become(attempt, AttemptState::running);
    auto& update =
        store_.prepared("UPDATE attempts SET state = 'running', gateway_task_id = ? WHERE attempt = ?");
    update.bindNoCopy(1, record.id.str());
    update.bind(2, attempt.row);
    update.exec();
    return {};
  }

  Receipt operator()(Settled const& record) {
    Attempt const attempt = find(record.attempt);
    end(attempt, AttemptState::finished, record.at, nullptr);
    Credits const from_hold = std::min(attempt.held, record.billed);
    move(attempt, Account::held, Account::billed, from_hold, record.at, "billed by the gateway");
    move(attempt, Account::available, Account::billed, record.billed - from_hold, record.at,
         "billed above the hold");
    move(attempt, Account::held, Account::available, attempt.held - from_hold, record.at, "rest of the hold");
    return {};
  }

  Receipt operator()(Released const& record) {
    Attempt const attempt = find(record.attempt);
    end(attempt, AttemptState::refused, record.at, &record.failure);
    move(attempt, Account::held, Account::available, attempt.held, record.at,
         "certainly not taken by the gateway");
    return {};
  }

  Receipt operator()(FailureBooked const& record) {
    Attempt const attempt = find(record.attempt);
    end(attempt, AttemptState::failed, record.at, &record.failure);
    if (record.refund_seen)
      move(attempt, Account::held, Account::available, attempt.held, record.at,
           "failed; the gateway gave it back");
    else
      move(attempt, Account::held, Account::refund_expected, attempt.held, record.at,
           "failed; refund not yet seen");
    return {};
  }

  Receipt operator()(Doubted const& record) {
    Attempt const attempt = find(record.attempt);
    become(attempt, AttemptState::in_doubt);
    write_state(attempt, AttemptState::in_doubt, std::nullopt, &record.failure);
    return {};
  }

  Receipt operator()(ClipStored const& record) {
    auto& insert = store_.prepared(
        "INSERT OR REPLACE INTO clips (run, task, path, size_bytes, width, height, length_ms, has_sound) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, run_);
    insert.bind(2, static_cast<std::int64_t>(record.task));
    insert.bindNoCopy(3, record.clip.path);
    insert.bind(4, static_cast<std::int64_t>(record.clip.size_bytes));
    insert.bind(5, record.clip.width);
    insert.bind(6, record.clip.height);
    insert.bind(7, static_cast<std::int64_t>(record.clip.length.count()));
    insert.bind(8, record.clip.has_sound ? 1 : 0);
    insert.exec();
    return {};
  }

  Receipt operator()(TaskEnded const& record) {
    auto& update =
        store_.prepared("UPDATE tasks SET outcome = ?, why = ?, ended = ? WHERE run = ? AND task = ?");
    update.bind(1, std::string{to_string(record.outcome)});
    update.bindNoCopy(2, record.why);
    update.bind(3, to_sql(record.at));
    update.bind(4, run_);
    update.bind(5, static_cast<std::int64_t>(record.task));
    update.exec();
    return {};
  }

  Receipt operator()(RunEnded const& record) {
    auto& update = store_.prepared("UPDATE runs SET status = ?, ended = ? WHERE run = ?");
    update.bind(1, std::string{to_string(record.status)});
    if (record.status == RunStatus::running)
      update.bind(2);
    else
      update.bind(2, to_sql(record.at));
    update.bind(3, run_);
    update.exec();
    return {};
  }

 private:
  struct Attempt {
    std::int64_t row = 0;
    AttemptState state = AttemptState::submitting;
    Credits held;
    std::int64_t day = 0;
  };

  Attempt find(AttemptKey key) {
    auto& select = store_.prepared(
        "SELECT attempt, state, held, day FROM attempts WHERE run = ? AND task = ? AND ordinal = ?");
    select.bind(1, run_);
    select.bind(2, static_cast<std::int64_t>(key.task));
    select.bind(3, static_cast<std::int64_t>(key.ordinal));
    CALLSHEET_ASSERT(select.executeStep());
    Attempt attempt{
        .row = select.getColumn(0).getInt64(),
        .state = parse_attempt_state(select.getColumn(1).getString()).value_or(AttemptState::submitting),
        .held = Credits::from_units(select.getColumn(2).getInt64()),
        .day = select.getColumn(3).getInt64()};
    select.reset();
    return attempt;
  }

  static void become(Attempt const& attempt, AttemptState state) {
    CALLSHEET_ASSERT(may_become(attempt.state, state));
  }

  void write_state(Attempt const& attempt, AttemptState state, std::optional<TimePoint> ended,
                   Failure const* failure) {
    auto& update = store_.prepared(
        "UPDATE attempts SET state = ?, ended = ?, failure_kind = ?, failure_code = ?, failure_message = ?, "
        "failure_request_id = ? WHERE attempt = ?");
    update.bind(1, std::string{to_string(state)});
    if (ended) update.bind(2, to_sql(*ended));
    if (failure != nullptr) {
      update.bind(3, std::string{to_string(failure->kind)});
      update.bind(4, failure->code);
      update.bind(5, failure->message);
      update.bind(6, failure->request_id);
    }
    update.bind(7, attempt.row);
    update.exec();
    update.clearBindings();
  }

  void end(Attempt const& attempt, AttemptState state, TimePoint at, Failure const* failure) {
    become(attempt, state);
    write_state(attempt, state, at, failure);
  }

  /// Why a hold of `most` more is not allowed; empty when it is. This is law 1, checked where it is written
  /// down.
  std::string cap_breach(Credits most, std::int64_t day) {
    auto& select =
        store_.prepared("SELECT cap, daily_cap, held + billed + refund_expected FROM runs WHERE run = ?");
    select.bind(1, run_);
    CALLSHEET_ASSERT(select.executeStep());
    Credits const cap = Credits::from_units(select.getColumn(0).getInt64());
    bool const has_daily = !select.getColumn(1).isNull();
    Credits const daily = Credits::from_units(has_daily ? select.getColumn(1).getInt64() : 0);
    Credits const committed = Credits::from_units(select.getColumn(2).getInt64());
    select.reset();
    if (committed + most > cap)
      return fmt::format("{} credits more would exceed the run's cap of {} ({} are spent or held)",
                         to_string(most), to_string(cap), to_string(committed));
    if (!has_daily) return "";
    auto& today = store_.prepared("SELECT committed FROM days WHERE gateway = ? AND day = ?");
    today.bindNoCopy(1, gateway_);
    today.bind(2, day);
    Credits const spent = Credits::from_units(today.executeStep() ? today.getColumn(0).getInt64() : 0);
    today.reset();
    if (spent + most > daily)
      return fmt::format(
          "{} credits more would exceed the day's cap of {} ({} are spent or held since 00:00 UTC)",
          to_string(most), to_string(daily), to_string(spent));
    return "";
  }

  void move(Attempt const& attempt, Account from, Account to, Credits amount, TimePoint at,
            char const* reason) {
    if (amount == Credits{}) return;
    auto& insert = store_.prepared(
        "INSERT INTO entries (at, run, attempt, from_account, to_account, amount, reason) VALUES (?, ?, ?, "
        "?, ?, ?, ?)");
    insert.bind(1, to_sql(at));
    insert.bind(2, run_);
    insert.bind(3, attempt.row);
    insert.bind(4, std::string{name_of(from)});
    insert.bind(5, std::string{name_of(to)});
    insert.bind(6, amount.units());
    insert.bindNoCopy(7, reason);
    insert.exec();
    Change const change{.held = part(Account::held, from, to, amount),
                        .billed = part(Account::billed, from, to, amount),
                        .refund_expected = part(Account::refund_expected, from, to, amount)};
    apply(
        "UPDATE runs SET held = held + ?, billed = billed + ?, refund_expected = refund_expected + ? WHERE "
        "run = ?",
        change, run_);
    apply(
        "UPDATE attempts SET held = held + ?, billed = billed + ?, refund_expected = refund_expected + ? "
        "WHERE attempt = ?",
        change, attempt.row);
    count_for_day(attempt.day, change.held + change.billed + change.refund_expected);
  }

  struct Change {
    Credits held, billed, refund_expected;
  };

  static Credits part(Account account, Account from, Account to, Credits amount) {
    if (account == to) return amount;
    return account == from ? -amount : Credits{};
  }

  void apply(char const* sql, Change const& change, std::int64_t row) {
    auto& update = store_.prepared(sql);
    update.bind(1, change.held.units());
    update.bind(2, change.billed.units());
    update.bind(3, change.refund_expected.units());
    update.bind(4, row);
    update.exec();
  }

  void count_for_day(std::int64_t day, Credits amount) {
    if (amount == Credits{}) return;
    auto& update = store_.prepared(
        "INSERT INTO days (gateway, day, committed) VALUES (?, ?, ?) "
        "ON CONFLICT (gateway, day) DO UPDATE SET committed = committed + excluded.committed");
    update.bindNoCopy(1, gateway_);
    update.bind(2, day);
    update.bind(3, amount.units());
    update.exec();
  }

  SqliteStore& store_;
  std::int64_t run_;
  std::string const& gateway_;
};

}  // namespace

Receipt book(SqliteStore& store, std::int64_t run, std::string const& gateway, Record const& record) {
  return std::visit(Booking{store, run, gateway}, record);
}

}  // namespace callsheet::ledger
