#include "orchestrator/ledger/memory_ledger.hpp"

#include "orchestrator/ledger/memory_attempts.hpp"
#include "orchestrator/ledger/memory_booking.hpp"
#include "orchestrator/ledger/memory_clips.hpp"
#include "orchestrator/ledger/memory_disk.hpp"
#include "orchestrator/ledger/memory_pending.hpp"
#include "orchestrator/ledger/memory_tasks.hpp"
#include "orchestrator/ledger/store_answers.hpp"

#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

class MemoryLedger final : public Ledger {
 public:
  explicit MemoryLedger(std::shared_ptr<MemoryDisk> disk) : disk_{std::move(disk)}, books_{*disk_} {}

  Result<std::unique_ptr<Lease>> lease(std::string const& /*campaign*/) override {
    return std::make_unique<Lease>();
  }

  Result<void> begin_run(NewRun const& run) override {
    std::erase_if(disk_->runs,
                  [&](auto const& old) { return !old->started && old->head.campaign == run.campaign; });
    auto stored = std::make_unique<StoredRun>();
    stored->head = run;
    stored->known_until = disk_->last_entry;
    disk_->runs.push_back(std::move(stored));
    return {};
  }

  Result<void> add_routes(RunId const& id, std::vector<std::string> const& routes) override {
    return of(id, [&](StoredRun& run) { run.routes.insert(run.routes.end(), routes.begin(), routes.end()); });
  }

  Result<void> add_tasks(RunId const& id, std::vector<NewTask> const& tasks) override {
    return of(id, [&](StoredRun& run) {
      for (NewTask const& task : tasks) {
        bool const ended = task.outcome != TaskOutcome::outstanding;
        if (!task.stands_for.empty())
          run.retakes.emplace(TaskId{static_cast<std::uint32_t>(run.tasks.size())}, task.stands_for);
        run.tasks.push_back({.id = TaskId{static_cast<std::uint32_t>(run.tasks.size())},
                             .identity = task.identity,
                             .name = task.name,
                             .take = task.take,
                             .priority = task.priority,
                             .route = task.route,
                             .spec = task.spec,
                             .outcome = task.outcome,
                             .why = task.why,
                             .ended = ended ? std::optional{run.head.started} : std::nullopt,
                             .made_by = task.made_by,
                             .clip = task.clip,
                             .element = task.element,
                             .attempts = {}});
      }
    });
  }

  Result<void> start_run(RunId const& id, std::string const& settings, Budget const& caps) override {
    return of(id, [&](StoredRun& run) {
      run.settings = settings;
      run.caps = caps;
      run.started = true;
    });
  }

  Result<std::vector<Receipt>> commit(RunId const& id, std::vector<Record> const& records) override {
    return of(id, [&](StoredRun& run) { return books_.commit(run, records); });
  }

  Result<std::unique_ptr<Pending>> pending(RunId const& id) override {
    return of(id, [](StoredRun& run) { return read_pending(run); });
  }

  Result<EndedTasks> ended_tasks(RunId const& id) override { return of(id, read_ended_tasks); }

  Result<void> at_one_moment(std::function<Result<void>()> const& reading) override { return reading(); }

  Result<std::vector<RunSummary>> runs(int most) override {
    std::vector<RunSummary> summaries;
    for (auto run = disk_->runs.rbegin();
         run != disk_->runs.rend() && static_cast<int>(summaries.size()) < most; ++run)
      if ((*run)->started) summaries.push_back(summary_of(**run));
    return summaries;
  }

  Result<std::vector<std::string>> later_settings(RunId const& id) override {
    return of(id, [&](StoredRun& run) {
      std::vector<std::string> settings;
      for (auto later = disk_->runs.rbegin(); later != disk_->runs.rend() && later->get() != &run; ++later)
        if ((*later)->started && (*later)->head.campaign == run.head.campaign &&
            (*later)->head.gateway == run.head.gateway)
          settings.push_back((*later)->settings);
      return settings;
    });
  }

  Result<RunSummary> summary(RunId const& id) override { return of(id, summary_of); }

  Result<RunRecord> run(RunId const& id) override {
    return of(id, [](StoredRun& run) {
      return RunRecord{.summary = summary_of(run),
                       .settings = run.settings,
                       .nonce = run.head.nonce,
                       .routes = run.routes,
                       .notes = run.notes};
    });
  }

  Result<std::vector<TaskRecord>> tasks(RunId const& id, TaskId first, std::size_t most) override {
    return of(id, [&](StoredRun& run) {
      std::vector<TaskRecord> tasks;
      for (std::size_t i = index(first); i < run.tasks.size() && tasks.size() < most; ++i)
        tasks.push_back(whole(run, run.tasks[i]));
      return tasks;
    });
  }

  Result<std::optional<TaskRecord>> find_task(RunId const& id, TaskIdentity const& identity) override {
    return of(id, [&](StoredRun& run) -> std::optional<TaskRecord> {
      for (TaskRecord const& task : run.tasks)
        if (run.is(task, identity)) return whole(run, task);
      return std::nullopt;
    });
  }

  Result<std::vector<ElementTask>> elements(RunId const& id) override { return of(id, read_elements); }

  Result<UnderWay> under_way(RunId const& id, std::size_t most) override {
    return of(id, [&](StoredRun& run) { return read_under_way(run, most); });
  }

  Result<std::vector<TaskRecord>> latest_ends(RunId const& id, std::size_t most) override {
    return of(id, [&](StoredRun& run) { return read_latest_ends(run, most); });
  }

  Result<std::vector<TaskRecord>> find_tasks(RunId const& id, std::string const& name) override {
    return of(id, [&](StoredRun& run) {
      std::vector<TaskRecord> tasks;
      for (TaskRecord const& task : run.tasks)
        if (task.name == name) tasks.push_back(whole(run, task));
      return tasks;
    });
  }

  Result<std::vector<Entry>> entries(RunId const& id, std::optional<TaskId> task) override {
    return of(id, [&](StoredRun& run) {
      std::vector<Entry> entries;
      for (Entry const& entry : run.entries)
        if (!task || entry.attempt.task == *task) entries.push_back(entry);
      return entries;
    });
  }

  Result<std::vector<std::optional<KnownClip>>> find_clips(std::string const& gateway,
                                                           std::vector<TaskIdentity> const& identities,
                                                           Clips clips) override {
    std::vector<std::optional<KnownClip>> known;
    known.reserve(identities.size());
    for (TaskIdentity const& identity : identities)
      known.push_back(find_clip(*disk_, gateway, identity, clips));
    return known;
  }

  Result<std::int64_t> position() override { return disk_->last_entry; }

  Result<std::vector<LeftTask>> left_to_others(RunId const& id) override {
    return of(id, [&](StoredRun& run) { return read_left_to_others(*disk_, run); });
  }

  Result<std::vector<Superseded>> superseded(RunId const& id) override {
    return of(id, [&](StoredRun& run) { return read_superseded(*disk_, run); });
  }

  Result<std::vector<bool>> known_ids(std::string const& gateway, std::vector<GatewayTaskId> const& ids,
                                      TimePoint /*submitted_since*/) override {
    return read_known_ids(*disk_, gateway, ids);
  }

  Result<std::vector<Undecided>> undecided(std::string const& gateway, RunId const& except) override {
    return read_undecided(*disk_, gateway, except);
  }

  Result<std::vector<std::pair<ModelId, TimePoint>>> creates_since(std::string const& gateway,
                                                                   TimePoint since, TimePoint now) override {
    return read_creates_since(*disk_, gateway, since, now);
  }

  Result<std::vector<AttemptTally>> attempt_tallies(std::string const& gateway, TimePoint since) override {
    return read_attempt_tallies(*disk_, gateway, since);
  }

  Result<std::optional<Upload>> find_upload(std::string const& gateway,
                                            ContentDigest const& content) override {
    auto const found = disk_->uploads.find({gateway, content});
    return found == disk_->uploads.end() ? std::optional<Upload>{} : std::optional{found->second};
  }
  Result<void> remember_upload(std::string const& gateway, ContentDigest const& content,
                               Upload const& upload) override {
    disk_->uploads[{gateway, content}] = upload;
    return {};
  }

  Result<bool> idempotency_seen(std::string const& gateway) override {
    return disk_->idempotent.contains(gateway);
  }
  Result<void> remember_idempotency(std::string const& gateway) override {
    disk_->idempotent.insert(gateway);
    return {};
  }

  Result<void> remember_balance(std::string const& gateway, BalanceSeen const& seen) override {
    disk_->balances[gateway].push_back(seen);
    return {};
  }
  Result<Credits> committed_on_day(std::string const& gateway, TimePoint at) override {
    return disk_->days[{gateway, day_of(at)}];
  }
  Result<std::vector<BalanceSeen>> balances(std::string const& gateway) override {
    return disk_->balances[gateway];
  }

  Result<void> remember_durations(std::string const& gateway,
                                  std::vector<DurationHistory> const& history) override {
    for (DurationHistory const& one : history)
      disk_->durations[gateway][fmt::format("{} {} {:>6} {}", one.model.str(), to_string(one.quality),
                                            one.duration.count(), to_string(one.sound))] = one;
    return {};
  }
  Result<std::vector<DurationHistory>> durations(std::string const& gateway) override {
    std::vector<DurationHistory> history;
    for (auto const& [key, one] : disk_->durations[gateway]) history.push_back(one);
    return history;
  }

 private:
  /// What `work` gives for the run, if there is such a run.
  template <class Work>
  Result<std::invoke_result_t<Work, StoredRun&>> of(RunId const& id, Work work) {
    StoredRun* const run = disk_->find(id);
    if (run == nullptr) return no_such_run(id);
    if constexpr (std::is_void_v<std::invoke_result_t<Work, StoredRun&>>) {
      work(*run);
      return {};
    } else {
      return work(*run);
    }
  }

  std::shared_ptr<MemoryDisk> disk_;
  MemoryBooks books_;
};

}  // namespace

std::unique_ptr<Ledger> open_memory_ledger(std::shared_ptr<MemoryDisk> disk) {
  return std::make_unique<MemoryLedger>(std::move(disk));
}

}  // namespace callsheet::ledger
