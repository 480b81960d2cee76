#include "orchestrator/ledger/sqlite_ledger.hpp"

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/campaign_lease.hpp"
#include "orchestrator/ledger/disk_reserve.hpp"
#include "orchestrator/ledger/run_sign.hpp"
#include "orchestrator/ledger/sqlite_attempts.hpp"
#include "orchestrator/ledger/sqlite_book.hpp"
#include "orchestrator/ledger/sqlite_clips.hpp"
#include "orchestrator/ledger/sqlite_gateway_notes.hpp"
#include "orchestrator/ledger/sqlite_pending.hpp"
#include "orchestrator/ledger/sqlite_planning.hpp"
#include "orchestrator/ledger/sqlite_runs.hpp"
#include "orchestrator/ledger/sqlite_schema.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"
#include "orchestrator/ledger/sqlite_tasks.hpp"
#include "orchestrator/ledger/store_answers.hpp"

#include <algorithm>
#include <string_view>
#include <type_traits>

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace callsheet::ledger {

namespace {

constexpr int wait_for_other_processes_ms = 10'000;
/// For what a thousand tasks in flight may still have to be written down.
constexpr std::int64_t disk_reserve_bytes = 8 << 20;

/// A lock on a campaign, and the space its run keeps back.
struct CampaignLease final : Lease {
  std::unique_ptr<Lease> lock;
  std::shared_ptr<DiskReserve> reserve;
};

bool is_intent(Record const& record) {
  return std::holds_alternative<Intent>(record);
}

bool is_end(Record const& record) {
  return std::holds_alternative<RunEnded>(record);
}

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(std::filesystem::path path, int flags) : path_{std::move(path)}, store_{path_, flags} {}

  Result<void> prepare(Access access) {
    return guarded(path_, [&]() -> Result<void> {
      SQLite::Database& database = store_.database();
      database.setBusyTimeout(wait_for_other_processes_ms);
      database.exec("PRAGMA foreign_keys = ON");
      if (access == Access::read_write) {
        database.exec("PRAGMA journal_mode = WAL");
        database.exec("PRAGMA synchronous = FULL");
        // Checkpoints cost a flush of the whole file: fewer, larger ones.
        database.exec("PRAGMA wal_autocheckpoint = 4000");
      }
      return migrate(database, path_, access);
    });
  }

  Result<std::unique_ptr<Lease>> lease(std::string const& campaign) override {
    if (path_ == ":memory:") return std::make_unique<Lease>();
    auto lock = lock_campaign(locks(), campaign);
    if (!lock) return fail(lock.error());
    auto lease = std::make_unique<CampaignLease>();
    lease->lock = *std::move(lock);
    lease->reserve = std::make_shared<DiskReserve>(locks() / (campaign_file_name(campaign) + ".reserve"),
                                                   disk_reserve_bytes);
    if (!lease->reserve->keep())
      return fail(
          Code::ledger_unavailable,
          fmt::format("the disk of the ledger '{}' is full or cannot be written: {} MiB must be free there",
                      path_.string(), disk_reserve_bytes >> 20),
          "free some disk space, or name a ledger elsewhere with --ledger");
    // The first lease is the one that lives longest: others are taken for a while, within it.
    if (reserve_.expired()) reserve_ = lease->reserve;
    return lease;
  }

  Result<void> works_on(RunId const& run) override {
    if (path_ == ":memory:" || (sign_ && sign_->run == run)) return {};
    auto const about = summary(run);
    if (!about) return fail(about.error());
    sign_.reset();
    auto raised = RunSign::raise(locks(), about->campaign, run);
    if (!raised) return fail(raised.error());
    sign_.emplace(run, *std::move(raised));
    return {};
  }

  Result<void> begin_run(NewRun const& run) override {
    return write([&] { write_run(store_, run); });
  }

  Result<void> add_routes(RunId const& run, std::vector<std::string> const& routes) override {
    return write_to(run, [&](RunRow const& row) { write_routes(store_, row.run, routes); });
  }

  Result<void> add_tasks(RunId const& run, std::vector<NewTask> const& tasks) override {
    return write_to(run, [&](RunRow const& row) { write_tasks(store_, row.run, tasks); });
  }

  Result<void> start_run(RunId const& run, std::string const& settings, Budget const& caps) override {
    return write_to(run, [&](RunRow const& row) { write_start(store_, row.run, settings, caps); });
  }

  Result<std::vector<Receipt>> commit(RunId const& run, std::vector<Record> const& records) override {
    disk_was_full_ = false;
    if (disk_is_short_ && std::any_of(records.begin(), records.end(), is_intent)) look_for_space();
    auto committed = commit_once(run, records);
    if (committed || !disk_was_full_ || !spend_reserve()) return committed;
    // Room again for what is paid for, and for nothing else.
    disk_is_short_ = true;
    return commit_once(run, records);
  }

  Result<std::unique_ptr<Pending>> pending(RunId const& run) override {
    return read<std::unique_ptr<Pending>>(
        run, [&](RunRow const& row) { return read_pending(store_, row.run, path_); });
  }

  Result<EndedTasks> ended_tasks(RunId const& run) override {
    return read<EndedTasks>(run, [&](RunRow const& row) { return read_ended_tasks(store_, row.run); });
  }

  Result<void> at_one_moment(std::function<Result<void>()> const& reading) override {
    return guarded(path_, [&]() -> Result<void> {
      SQLite::Transaction const moment{store_.database()};
      return reading();
    });
  }

  Result<std::vector<RunSummary>> runs(int most) override {
    return guarded(path_, [&]() -> Result<std::vector<RunSummary>> {
      std::vector<std::int64_t> const rows = read_latest_runs(store_, most);
      std::vector<RunSummary> summaries;
      summaries.reserve(rows.size());
      for (std::int64_t const row : rows) summaries.push_back(standing(row));
      return summaries;
    });
  }

  Result<std::vector<std::string>> later_settings(RunId const& id) override {
    return read<std::vector<std::string>>(
        id, [&](RunRow const& row) { return read_later_settings(store_, row.run); });
  }

  Result<RunSummary> summary(RunId const& id) override {
    return read<RunSummary>(id, [&](RunRow const& row) { return standing(row.run); });
  }

  Result<RunRecord> run(RunId const& id) override {
    return read<RunRecord>(id, [&](RunRow const& row) {
      RunRecord record = read_run(store_, row.run);
      record.summary = standing(row.run);
      return record;
    });
  }

  Result<std::vector<TaskRecord>> tasks(RunId const& id, TaskId first, std::size_t most) override {
    return read<std::vector<TaskRecord>>(
        id, [&](RunRow const& row) { return read_tasks(store_, row.run, first, most); });
  }

  std::filesystem::path file() const override {
    return path_ == ":memory:" ? std::filesystem::path{} : path_;
  }

  Result<std::optional<TaskRecord>> find_task(RunId const& id, TaskIdentity const& identity) override {
    return read<std::optional<TaskRecord>>(
        id, [&](RunRow const& row) { return ledger::find_task(store_, row.run, identity); });
  }

  Result<std::vector<ElementTask>> elements(RunId const& id) override {
    return read<std::vector<ElementTask>>(id,
                                          [&](RunRow const& row) { return read_elements(store_, row.run); });
  }

  Result<UnderWay> under_way(RunId const& id, std::size_t most) override {
    return read<UnderWay>(id, [&](RunRow const& row) { return read_under_way(store_, row.run, most); });
  }

  Result<std::vector<TaskRecord>> latest_ends(RunId const& id, std::size_t most) override {
    return read<std::vector<TaskRecord>>(
        id, [&](RunRow const& row) { return read_latest_ends(store_, row.run, most); });
  }

  Result<std::vector<TaskRecord>> find_tasks(RunId const& id, std::string const& name) override {
    return read<std::vector<TaskRecord>>(
        id, [&](RunRow const& row) { return ledger::find_tasks(store_, row.run, name); });
  }

  Result<std::vector<Entry>> entries(RunId const& id, std::optional<TaskId> task) override {
    return read<std::vector<Entry>>(id,
                                    [&](RunRow const& row) { return read_entries(store_, row.run, task); });
  }

  Result<std::int64_t> position() override {
    return read([&] { return read_position(store_); });
  }

  Result<std::vector<Superseded>> superseded(RunId const& id) override {
    return read<std::vector<Superseded>>(id, [&](RunRow const& row) { return read_superseded(store_, row); });
  }

  Result<std::vector<LeftTask>> left_to_others(RunId const& id) override {
    return read<std::vector<LeftTask>>(id,
                                       [&](RunRow const& row) { return read_left_to_others(store_, row); });
  }

  Result<std::vector<std::optional<KnownClip>>> find_clips(std::string const& gateway,
                                                           std::vector<TaskIdentity> const& identities,
                                                           Clips clips) override {
    return guarded(path_, [&]() -> Result<std::vector<std::optional<KnownClip>>> {
      SQLite::Transaction const moment{store_.database()};  // one for all: each would lock the file anew
      std::vector<std::optional<KnownClip>> known;
      known.reserve(identities.size());
      for (TaskIdentity const& identity : identities)
        known.push_back(find_clip(store_, gateway, identity, clips));
      return known;
    });
  }

  Result<std::vector<bool>> known_ids(std::string const& gateway, std::vector<GatewayTaskId> const& ids,
                                      TimePoint submitted_since) override {
    return read([&] { return read_known_ids(store_, gateway, ids, submitted_since); });
  }
  Result<std::vector<Undecided>> undecided(std::string const& gateway, RunId const& except) override {
    return read([&] { return read_undecided(store_, gateway, except); });
  }
  Result<std::vector<std::pair<ModelId, TimePoint>>> creates_since(std::string const& gateway,
                                                                   TimePoint since, TimePoint now) override {
    return read([&] { return read_creates_since(store_, gateway, since, now); });
  }
  Result<std::vector<AttemptTally>> attempt_tallies(std::string const& gateway, TimePoint since) override {
    return read([&] { return read_attempt_tallies(store_, gateway, since); });
  }

  Result<std::optional<Upload>> find_upload(std::string const& gateway,
                                            ContentDigest const& content) override {
    return read([&] { return notes_.find_upload(gateway, content); });
  }
  Result<void> remember_upload(std::string const& gateway, ContentDigest const& content,
                               Upload const& upload) override {
    return write([&] { notes_.remember_upload(gateway, content, upload); });
  }

  Result<bool> idempotency_seen(std::string const& gateway) override {
    return read([&] { return notes_.idempotency_seen(gateway); });
  }
  Result<void> remember_idempotency(std::string const& gateway) override {
    return write([&] { notes_.remember_idempotency(gateway); });
  }

  Result<Credits> committed_on_day(std::string const& gateway, TimePoint at) override {
    return read([&] { return read_day(store_, gateway, day_of(at)); });
  }

  Result<void> remember_balance(std::string const& gateway, BalanceSeen const& seen) override {
    return write([&] { notes_.remember_balance(gateway, seen); });
  }
  Result<std::vector<BalanceSeen>> balances(std::string const& gateway) override {
    return read([&] { return notes_.balances(gateway); });
  }

  Result<void> remember_durations(std::string const& gateway,
                                  std::vector<DurationHistory> const& history) override {
    return write([&] { notes_.remember_durations(gateway, history); });
  }
  Result<std::vector<DurationHistory>> durations(std::string const& gateway) override {
    return read([&] { return notes_.durations(gateway); });
  }

 private:
  /// What `reading` gives; it may throw what SQLite throws.
  template <class Reading>
  Result<std::invoke_result_t<Reading>> read(Reading reading) {
    return guarded(path_, [&]() -> Result<std::invoke_result_t<Reading>> { return reading(); });
  }

  Result<std::vector<Receipt>> commit_once(RunId const& run, std::vector<Record> const& records) try {
    SQLite::Transaction transaction{store_.database(), SQLite::TransactionBehavior::IMMEDIATE};
    auto const row = find_run(store_, run);
    if (!row) return no_such_run(run);
    if (!book_ || booked_run_ != row->run) {
      book_.emplace(store_, *row);
      booked_run_ = row->run;
    }
    book_->begin_batch(records);
    std::vector<Receipt> receipts;
    receipts.reserve(records.size());
    for (Record const& record : records)
      receipts.push_back(disk_is_short_ && is_intent(record) ? no_room() : book_->book(record));
    book_->end_batch();
    transaction.commit();
    if (sign_ && sign_->run == run && std::any_of(records.begin(), records.end(), is_end)) sign_.reset();
    return receipts;
  } catch (SQLite::Exception const& thrown) {
    book_.reset();
    disk_was_full_ = may_be_full(thrown);
    return fail(ledger_error(path_, thrown));
  }

  [[nodiscard]] Receipt no_room() const {
    return {
        .granted = false,
        .cap = CapKind::store,
        .why = fmt::format("the disk of the ledger '{}' is full: nothing new is submitted", path_.string())};
  }
  bool spend_reserve() {
    auto const reserve = reserve_.lock();
    return reserve && reserve->spend();
  }
  void look_for_space() {
    auto const reserve = reserve_.lock();
    disk_is_short_ = !reserve || !reserve->keep();
  }

  [[nodiscard]] std::filesystem::path locks() const { return path_.parent_path() / "locks"; }

  /// What the rows say of a run, and whether somebody works on it: a killed process leaves its rows behind.
  RunSummary standing(std::int64_t row) {
    RunSummary summary = read_summary(store_, row);
    if (path_ == ":memory:") return summary;
    Driven const now = driven(locks(), summary.campaign, summary.id);
    if (now.process) {
      summary.status = RunStatus::running;
      summary.process = now.process;
      summary.ended.reset();
    } else if (!now.now && summary.status == RunStatus::running) {
      // It may have ended between the two looks; then its row says so by now.
      summary = read_summary(store_, row);
      if (summary.status != RunStatus::running) return summary;
      summary.status = RunStatus::interrupted;
      summary.process_gone = true;
    }
    return summary;
  }

  /// One transaction.
  template <class Work>
  Result<void> write(Work work) {
    return guarded(path_, [&]() -> Result<void> {
      SQLite::Transaction transaction{store_.database(), SQLite::TransactionBehavior::IMMEDIATE};
      work();
      transaction.commit();
      return {};
    });
  }

  template <class Work>
  Result<void> write_to(RunId const& run, Work work) {
    return guarded(path_, [&]() -> Result<void> {
      SQLite::Transaction transaction{store_.database(), SQLite::TransactionBehavior::IMMEDIATE};
      auto const row = find_run(store_, run);
      if (!row) return no_such_run(run);
      work(*row);
      transaction.commit();
      return {};
    });
  }

  template <class Value, class Work>
  Result<Value> read(RunId const& run, Work work) {
    return guarded(path_, [&]() -> Result<Value> {
      auto const row = find_run(store_, run);
      if (!row) return no_such_run(run);
      return work(*row);
    });
  }

  std::filesystem::path path_;
  SqliteStore store_;
  SqliteGatewayNotes notes_{store_};
  std::optional<SqliteBook> book_;  ///< of the run that was committed to last
  std::int64_t booked_run_ = 0;
  std::weak_ptr<DiskReserve> reserve_;  ///< the lease's
  struct RaisedSign {
    RaisedSign(RunId of, RunSign raised) : run{std::move(of)}, sign{std::move(raised)} {}
    RunId run;
    RunSign sign;
  };
  std::optional<RaisedSign> sign_;
  bool disk_was_full_ = false;  ///< at the commit that failed last
  bool disk_is_short_ = false;  ///< the reserve is spent: nothing new is held
};

/// SQLite keeps statistics of its memory, behind a lock that every allocation takes: nobody reads them. Must
/// come before SQLite is first used.
void count_no_memory() {
  static int const once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

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
  count_no_memory();
  // Reading also opens for writing where it may: a WAL left by a killed process has to be recovered first. A
  // ledger is used by one thread at a time: its connection needs no lock of its own.
  int const create = access == Access::read_write ? SQLite::OPEN_CREATE : 0;
  auto ledger = std::make_unique<SqliteLedger>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX | create);
  if (Result<void> prepared = ledger->prepare(access); !prepared) return fail(prepared.error());
  return ledger;
} catch (SQLite::Exception const& e) {
  return fail(Code::ledger_unavailable,
              fmt::format("cannot open the ledger '{}': {}", path.string(), e.what()),
              "check the folder's rights, or name another ledger with --ledger");
}

}  // namespace callsheet::ledger
