#include "orchestrator/ledger/sqlite_ledger.hpp"

#include "orchestrator/ledger/campaign_lease.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <array>
#include <string_view>

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace callsheet::assets {
extern std::string_view const migration_0001;
}

namespace callsheet::ledger {

namespace {

/// One file each, in order; the schema's version is how many were applied (PRAGMA user_version).
std::array<std::string_view const*, 1> const migrations{&assets::migration_0001};

constexpr int wait_for_other_processes_ms = 10'000;

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(std::filesystem::path path, int flags) : path_{std::move(path)}, store_{path_, flags} {}

  Result<void> prepare(Access access) {
    return guarded([&]() -> Result<void> {
      SQLite::Database& database = store_.database();
      database.setBusyTimeout(wait_for_other_processes_ms);
      database.exec("PRAGMA foreign_keys = ON");
      if (access == Access::read_write) {
        database.exec("PRAGMA journal_mode = WAL");
        database.exec("PRAGMA synchronous = FULL");
      }
      return migrate(access);
    });
  }

  Result<std::unique_ptr<Lease>> lease(std::string const& campaign) override {
    if (path_ == ":memory:") return std::make_unique<Lease>();
    return lock_campaign(path_.parent_path() / "locks", campaign);
  }

  Result<void> begin_run(NewRun const& run) override {
    return guarded([&]() -> Result<void> {
      SQLite::Transaction transaction{store_.database(), SQLite::TransactionBehavior::IMMEDIATE};
      std::int64_t const row = insert_run(run);
      for (std::size_t i = 0; i < run.tasks.size(); ++i)
        insert_task(row, run.gateway, i, run.tasks[i], run.started);
      transaction.commit();
      return {};
    });
  }

  Result<std::vector<Receipt>> commit(RunId const& run, std::vector<Record> const& records) override {
    return guarded([&]() -> Result<std::vector<Receipt>> {
      SQLite::Transaction transaction{store_.database(), SQLite::TransactionBehavior::IMMEDIATE};
      auto const row = find_row(run);
      if (!row) return no_such_run(run);
      std::vector<Receipt> receipts;
      receipts.reserve(records.size());
      for (Record const& record : records) receipts.push_back(book(store_, row->run, row->gateway, record));
      transaction.commit();
      return receipts;
    });
  }

  Result<std::vector<RunSummary>> runs(int most) override {
    return guarded([&]() -> Result<std::vector<RunSummary>> {
      std::vector<std::string> ids;
      auto& select = store_.prepared("SELECT id FROM runs ORDER BY started DESC, run DESC LIMIT ?");
      select.bind(1, most);
      while (select.executeStep()) ids.push_back(select.getColumn(0).getString());
      select.reset();
      std::vector<RunSummary> summaries;
      summaries.reserve(ids.size());
      for (std::string const& id : ids) summaries.push_back(summary_of(RunId{id}));
      return summaries;
    });
  }

  Result<RunSummary> summary(RunId const& id) override {
    return guarded([&]() -> Result<RunSummary> {
      if (!find_row(id)) return no_such_run(id);
      return summary_of(id);
    });
  }

  Result<RunRecord> run(RunId const& id) override {
    return guarded([&]() -> Result<RunRecord> {
      auto const row = find_row(id);
      if (!row) return no_such_run(id);
      return read_run(store_, summary_of(id), row->run);
    });
  }

  Result<std::vector<Entry>> entries(RunId const& id) override {
    return guarded([&]() -> Result<std::vector<Entry>> {
      auto const row = find_row(id);
      if (!row) return no_such_run(id);
      auto& select = store_.prepared(
          "SELECT e.at, a.task, a.ordinal, e.from_account, e.to_account, e.amount, e.reason FROM entries e "
          "JOIN attempts a ON a.attempt = e.attempt WHERE e.run = ? ORDER BY e.entry");
      select.bind(1, row->run);
      std::vector<Entry> entries;
      while (select.executeStep())
        entries.push_back({.at = time_from_sql(select.getColumn(0).getInt64()),
                           .attempt = {TaskId{select.getColumn(1).getUInt()}, select.getColumn(2).getUInt()},
                           .from = account(select.getColumn(3).getString()),
                           .to = account(select.getColumn(4).getString()),
                           .amount = Credits::from_units(select.getColumn(5).getInt64()),
                           .reason = select.getColumn(6).getString()});
      select.reset();
      return entries;
    });
  }

  Result<std::vector<std::optional<KnownClip>>> find_clips(
      std::string const& gateway, std::vector<TaskIdentity> const& identities) override {
    return guarded([&]() -> Result<std::vector<std::optional<KnownClip>>> {
      std::vector<std::optional<KnownClip>> known;
      known.reserve(identities.size());
      for (TaskIdentity const& identity : identities) known.push_back(find_clip(gateway, identity));
      return known;
    });
  }

  Result<std::optional<Upload>> find_upload(std::string const& gateway,
                                            ContentDigest const& content) override {
    return guarded([&]() -> Result<std::optional<Upload>> {
      auto& select = store_.prepared("SELECT url, expires FROM uploads WHERE gateway = ? AND content = ?");
      select.bind(1, gateway);
      select.bind(2, content.str());
      std::optional<Upload> upload;
      if (select.executeStep())
        upload = Upload{.url = select.getColumn(0).getString(),
                        .expires = time_from_sql(select.getColumn(1).getInt64())};
      select.reset();
      return upload;
    });
  }

  Result<void> remember_upload(std::string const& gateway, ContentDigest const& content,
                               Upload const& upload) override {
    return guarded([&]() -> Result<void> {
      auto& insert = store_.prepared(
          "INSERT OR REPLACE INTO uploads (gateway, content, url, expires) VALUES (?, ?, ?, ?)");
      insert.bind(1, gateway);
      insert.bind(2, content.str());
      insert.bind(3, upload.url);
      insert.bind(4, to_sql(upload.expires));
      insert.exec();
      return {};
    });
  }

  Result<bool> idempotency_seen(std::string const& gateway) override {
    return guarded([&]() -> Result<bool> {
      auto& select = store_.prepared("SELECT idempotency_seen FROM gateways WHERE gateway = ?");
      select.bind(1, gateway);
      bool const seen = select.executeStep() && select.getColumn(0).getInt() != 0;
      select.reset();
      return seen;
    });
  }

  Result<void> remember_idempotency(std::string const& gateway) override {
    return guarded([&]() -> Result<void> {
      auto& insert =
          store_.prepared("INSERT OR REPLACE INTO gateways (gateway, idempotency_seen) VALUES (?, 1)");
      insert.bind(1, gateway);
      insert.exec();
      return {};
    });
  }

 private:
  struct Row {
    std::int64_t run = 0;
    std::string gateway;
  };

  /// Runs `work` and turns what SQLite throws into an Error; an open transaction rolls back on the way out.
  template <class Work>
  auto guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (SQLite::Exception const& e) {
      bool const full = e.getErrorCode() == SQLITE_FULL || e.getErrorCode() == SQLITE_IOERR;
      return fail(Code::ledger_unavailable,
                  fmt::format("the ledger '{}' failed: {}", path_.string(), e.what()),
                  full ? "free some disk space; nothing is lost, `callsheet resume` goes on"
                       : "check the file's rights and that no other program holds it open");
    }
  }

  Result<void> migrate(Access access) {
    int const version = store_.database().execAndGet("PRAGMA user_version").getInt();
    int const newest = static_cast<int>(migrations.size());
    if (version > newest)
      return fail(
          Code::ledger_version,
          fmt::format("the ledger '{}' was written by a newer callsheet (schema {}, this one knows {})",
                      path_.string(), version, newest),
          "use the newer callsheet, or another ledger with --ledger");
    if (version == newest) return {};
    if (access == Access::read)
      return fail(Code::ledger_version, fmt::format("the ledger '{}' has an older schema", path_.string()),
                  "any `callsheet run` migrates it");
    SQLite::Transaction transaction{store_.database(), SQLite::TransactionBehavior::IMMEDIATE};
    // Another process may have migrated while this one waited for the lock.
    int const now = store_.database().execAndGet("PRAGMA user_version").getInt();
    for (int i = now; i < newest; ++i)
      store_.database().exec(std::string{*migrations[static_cast<std::size_t>(i)]});
    store_.database().exec(fmt::format("PRAGMA user_version = {}", newest));
    transaction.commit();
    return {};
  }

  std::int64_t insert_run(NewRun const& run) {
    auto& insert = store_.prepared(
        "INSERT INTO runs (id, campaign, gateway, status, settings, started, cap, daily_cap) "
        "VALUES (?, ?, ?, 'running', ?, ?, ?, ?)");
    insert.bind(1, run.id.str());
    insert.bind(2, run.campaign);
    insert.bind(3, run.gateway);
    insert.bind(4, run.settings);
    insert.bind(5, to_sql(run.started));
    insert.bind(6, run.cap.units());
    if (run.daily_cap)
      insert.bind(7, run.daily_cap->units());
    else
      insert.bind(7);
    insert.exec();
    return store_.database().getLastInsertRowid();
  }

  void insert_task(std::int64_t run, std::string const& gateway, std::size_t position, NewTask const& task,
                   TimePoint started) {
    auto& insert = store_.prepared(
        "INSERT INTO tasks (run, task, identity, name, take, spec, outcome, ended, made_by, made_by_model, "
        "made_at_quality) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, run);
    insert.bind(2, static_cast<std::int64_t>(position));
    insert.bindNoCopy(3, task.identity.str());
    insert.bindNoCopy(4, task.name);
    insert.bind(5, task.take);
    insert.bindNoCopy(6, task.spec);
    insert.bind(7, std::string{to_string(task.outcome)});
    if (task.outcome == TaskOutcome::outstanding)
      insert.bind(8);
    else
      insert.bind(8, to_sql(started));
    insert.bind(9, task.made_by ? task.made_by->run.str() : "");
    insert.bind(10, task.made_by ? task.made_by->model.str() : "");
    insert.bind(11, task.made_by ? std::string{to_string(task.made_by->quality)} : "");
    insert.exec();
    if (task.clip)
      book(store_, run, gateway, ClipStored{TaskId{static_cast<std::uint32_t>(position)}, *task.clip});
  }

  std::optional<Row> find_row(RunId const& id) {
    auto& select = store_.prepared("SELECT run, gateway FROM runs WHERE id = ?");
    select.bind(1, id.str());
    std::optional<Row> row;
    if (select.executeStep()) row = Row{select.getColumn(0).getInt64(), select.getColumn(1).getString()};
    select.reset();
    return row;
  }

  RunSummary summary_of(RunId const& id) {
    auto& select = store_.prepared(
        "SELECT campaign, gateway, status, started, ended, cap, held, billed, refund_expected, run FROM runs "
        "WHERE id = ?");
    select.bind(1, id.str());
    RunSummary summary;
    summary.id = id;
    if (!select.executeStep()) return summary;
    summary.campaign = select.getColumn(0).getString();
    summary.gateway = select.getColumn(1).getString();
    summary.status = parse_run_status(select.getColumn(2).getString()).value_or(RunStatus::interrupted);
    summary.started = time_from_sql(select.getColumn(3).getInt64());
    if (!select.getColumn(4).isNull()) summary.ended = time_from_sql(select.getColumn(4).getInt64());
    summary.cap = Credits::from_units(select.getColumn(5).getInt64());
    summary.held = Credits::from_units(select.getColumn(6).getInt64());
    summary.billed = Credits::from_units(select.getColumn(7).getInt64());
    summary.refund_expected = Credits::from_units(select.getColumn(8).getInt64());
    std::int64_t const run = select.getColumn(9).getInt64();
    select.reset();
    count_outcomes(run, summary);
    return summary;
  }

  void count_outcomes(std::int64_t run, RunSummary& summary) {
    auto& select = store_.prepared("SELECT outcome, count(*) FROM tasks WHERE run = ? GROUP BY outcome");
    select.bind(1, run);
    while (select.executeStep()) {
      int const count = select.getColumn(1).getInt();
      summary.tasks += count;
      switch (parse_task_outcome(select.getColumn(0).getString()).value_or(TaskOutcome::outstanding)) {
        case TaskOutcome::outstanding:
          summary.outstanding += count;
          break;
        case TaskOutcome::made:
          summary.made += count;
          break;
        case TaskOutcome::reused:
          summary.reused += count;
          break;
        case TaskOutcome::failed:
          summary.failed += count;
          break;
        case TaskOutcome::in_doubt:
          summary.in_doubt += count;
          break;
        case TaskOutcome::skipped:
          summary.skipped += count;
          break;
      }
    }
    select.reset();
  }

  std::optional<KnownClip> find_clip(std::string const& gateway, TaskIdentity const& identity) {
    auto& select = store_.prepared(
        "SELECT r.id, t.name, t.outcome, c.path, c.size_bytes, c.width, c.height, c.length_ms, c.has_sound, "
        "(SELECT a.model || ' ' || a.quality FROM attempts a WHERE a.run = t.run AND a.task = t.task "
        "ORDER BY a.ordinal DESC LIMIT 1) "
        "FROM tasks t JOIN runs r ON r.run = t.run LEFT JOIN clips c ON c.run = t.run AND c.task = t.task "
        "WHERE t.identity = ? AND r.gateway = ? AND (t.outcome IN ('made', 'reused') OR EXISTS (SELECT 1 "
        "FROM attempts a "
        "WHERE a.run = t.run AND a.task = t.task AND (a.state IN ('submitting', 'running', 'in_doubt') "
        "OR (a.state = 'finished' AND t.outcome = 'outstanding')))) "
        "ORDER BY t.outcome = 'made' DESC, r.started DESC LIMIT 20");
    select.bindNoCopy(1, identity.str());
    select.bindNoCopy(2, gateway);
    std::optional<KnownClip> known;
    while (select.executeStep()) {
      std::optional<ClipRecord> clip;
      if (!select.getColumn(3).isNull())
        clip = ClipRecord{.path = select.getColumn(3).getString(),
                          .size_bytes = static_cast<std::uint64_t>(select.getColumn(4).getInt64()),
                          .width = select.getColumn(5).getInt(),
                          .height = select.getColumn(6).getInt(),
                          .length = std::chrono::milliseconds{select.getColumn(7).getInt64()},
                          .has_sound = select.getColumn(8).getInt() != 0};
      bool const there = clip && std::filesystem::exists(clip->path);
      if (!known)
        known = KnownClip{
            .origin = origin(select.getColumn(0).getString(), select.getColumn(9).getString()),
            .task = select.getColumn(1).getString(),
            .outcome = parse_task_outcome(select.getColumn(2).getString()).value_or(TaskOutcome::in_doubt),
            .clip = clip};
      else if (there)
        known->clip = clip;  // reused elsewhere: as good as the first place, whose file is gone
      if (there || known->outcome != TaskOutcome::made) break;
    }
    select.reset();
    return known;
  }

  static tl::unexpected<Error> no_such_run(RunId const& id) {
    return fail(Code::not_found, fmt::format("no run '{}' in this ledger", id.str()),
                "see `callsheet history`");
  }

  /// `bought`: "model quality", or empty.
  static Origin origin(std::string const& run, std::string const& bought) {
    std::size_t const space = std::min(bought.find(' '), bought.size());
    std::string_view const quality = std::string_view{bought}.substr(std::min(space + 1, bought.size()));
    return {.run = RunId{run},
            .model = ModelId{bought.substr(0, space)},
            .quality = parse_quality(quality).value_or(Quality::p720)};
  }

  static Account account(std::string const& name) {
    if (name == "held") return Account::held;
    if (name == "billed") return Account::billed;
    if (name == "refund_expected") return Account::refund_expected;
    return Account::available;
  }

  std::filesystem::path path_;
  SqliteStore store_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(std::filesystem::path const& path, Access access) try {
  bool const in_memory = path == ":memory:";
  if (access == Access::read && !in_memory && !std::filesystem::exists(path))
    return fail(Code::not_found, fmt::format("there is no ledger at '{}'", path.string()),
                "nothing was run here yet; name another ledger with --ledger");
  if (access == Access::read_write && !in_memory) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error)
      return fail(Code::ledger_unavailable,
                  fmt::format("cannot create '{}': {}", path.parent_path().string(), error.message()));
  }
  // Reading also opens for writing where it may: a WAL left by a killed process has to be recovered first.
  auto ledger = std::make_unique<SqliteLedger>(
      path, SQLite::OPEN_READWRITE | (access == Access::read_write ? SQLite::OPEN_CREATE : 0));
  if (Result<void> prepared = ledger->prepare(access); !prepared) return fail(prepared.error());
  return ledger;
} catch (SQLite::Exception const& e) {
  return fail(Code::ledger_unavailable,
              fmt::format("cannot open the ledger '{}': {}", path.string(), e.what()),
              "check the folder's rights, or name another ledger with --ledger");
}

}  // namespace callsheet::ledger
