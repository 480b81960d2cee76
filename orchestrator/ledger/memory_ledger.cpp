#include "orchestrator/ledger/memory_ledger.hpp"

#include "orchestrator/core/assert.hpp"
#include "orchestrator/ledger/memory_rows.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

namespace callsheet::ledger {

class MemoryDisk {
 public:
  std::vector<std::unique_ptr<StoredRun>> runs;  ///< oldest first
  std::int64_t last_entry = 0;
  std::map<std::pair<std::string, std::int64_t>, Credits> days;
  std::map<std::pair<std::string, ContentDigest>, Upload> uploads;
  std::set<std::string> idempotent;
  std::map<std::string, std::vector<BalanceSeen>> balances;
  std::map<std::string, std::map<std::string, DurationHistory>> durations;
};

namespace {

/// Of several clips of one identity, the least is taken.
int preference(TaskOutcome outcome) {
  if (outcome == TaskOutcome::made) return 0;
  return outcome == TaskOutcome::mismatched ? 1 : 2;
}

}  // namespace

std::shared_ptr<MemoryDisk> make_memory_disk() {
  return std::make_shared<MemoryDisk>();
}

namespace {

class MemoryPending final : public Ledger::Pending {
 public:
  explicit MemoryPending(StoredRun const& run) : run_{run} {
    for (TaskRecord const& task : run.tasks) order_.push_back(task.id);
    std::stable_sort(order_.begin(), order_.end(), [&](TaskId a, TaskId b) {
      return run_.tasks[index(a)].priority > run_.tasks[index(b)].priority;
    });
  }

  Result<std::vector<TaskRecord>> with_money_out() override {
    std::vector<TaskRecord> tasks;
    for (TaskRecord const& task : run_.tasks)
      if (has_money_out(run_, task)) {
        tasks.push_back(whole(run_, task));
        given_.insert(task.id);
      }
    return tasks;
  }

  Result<std::vector<TaskRecord>> next(std::size_t most) override {
    std::vector<TaskRecord> tasks;
    for (; at_ < order_.size() && tasks.size() < most; ++at_) {
      TaskRecord const& task = run_.tasks[index(order_[at_])];
      if (task.outcome == TaskOutcome::outstanding && !given_.contains(task.id))
        tasks.push_back(whole(run_, task));
    }
    return tasks;
  }

 private:
  StoredRun const& run_;
  std::vector<TaskId> order_;
  std::set<TaskId> given_;
  std::size_t at_ = 0;
};

class MemoryLedger final : public Ledger {
 public:
  explicit MemoryLedger(std::shared_ptr<MemoryDisk> disk) : disk_{std::move(disk)} {}

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

  Result<void> add_routes(RunId const& run, std::vector<std::string> const& routes) override {
    StoredRun* const stored = find(run);
    if (stored == nullptr) return no_such_run(run);
    stored->routes.insert(stored->routes.end(), routes.begin(), routes.end());
    return {};
  }

  Result<void> add_tasks(RunId const& run, std::vector<NewTask> const& tasks) override {
    StoredRun* const stored = find(run);
    if (stored == nullptr) return no_such_run(run);
    for (NewTask const& task : tasks) {
      bool const ended = task.outcome != TaskOutcome::outstanding;
      if (!task.stands_for.empty())
        stored->retakes.emplace(TaskId{static_cast<std::uint32_t>(stored->tasks.size())}, task.stands_for);
      stored->tasks.push_back({.id = TaskId{static_cast<std::uint32_t>(stored->tasks.size())},
                               .identity = task.identity,
                               .name = task.name,
                               .take = task.take,
                               .priority = task.priority,
                               .route = task.route,
                               .spec = task.spec,
                               .outcome = task.outcome,
                               .why = task.why,
                               .ended = ended ? std::optional{stored->head.started} : std::nullopt,
                               .made_by = task.made_by,
                               .clip = task.clip,
                               .element = task.element,
                               .attempts = {}});
    }
    return {};
  }

  Result<void> start_run(RunId const& run, std::string const& settings, Budget const& caps) override {
    StoredRun* const stored = find(run);
    if (stored == nullptr) return no_such_run(run);
    stored->settings = settings;
    stored->caps = caps;
    stored->started = true;
    return {};
  }

  Result<std::vector<Receipt>> commit(RunId const& run, std::vector<Record> const& records) override {
    StoredRun* const stored = find(run);
    if (stored == nullptr) return no_such_run(run);
    Book& book = book_of(*stored);
    for (Record const& record : records)
      if (auto const* intent = std::get_if<Intent>(&record))
        book.set_day(day_of(intent->at), disk_->days[{stored->head.gateway, day_of(intent->at)}]);
    std::vector<Receipt> receipts;
    for (Record const& record : records) {
      AttemptKey const* const attempt = attempt_of(record);
      if (attempt != nullptr) remember(book, *stored, *attempt);
      if (auto const* id = std::get_if<IdReceived>(&record);
          id != nullptr && id->source == IdSource::found &&
          known_ids(stored->head.gateway, {id->id}, TimePoint::min())->front()) {
        receipts.push_back(
            {.granted = false, .why = fmt::format("another attempt has the task {}", id->id.str())});
        continue;
      }
      if (auto const* const intent = std::get_if<Intent>(&record))
        if (auto const other = taken_by(*stored, attempt->task, intent->known_until)) {
          receipts.push_back(taken_elsewhere(*other));
          continue;
        }
      Book::Booked const booked = book.book(record);
      receipts.push_back(booked.receipt);
      if (!booked.receipt.granted) continue;
      apply(*stored, record, booked.standing);
      if (booked.doubt_is_over) reopen(stored->tasks[index(attempt->task)]);
      for (Posting const& posting : booked.postings) {
        stored->attempts.at(*attempt).last_entry = ++disk_->last_entry;
        stored->entries.push_back({.at = time_of(record),
                                   .attempt = *attempt,
                                   .from = posting.from,
                                   .to = posting.to,
                                   .amount = posting.amount,
                                   .reason = std::string{posting.reason}});
      }
    }
    for (auto const& [day, change] : book.take_day_changes())
      disk_->days[{stored->head.gateway, day}] += change;
    return receipts;
  }

  Result<std::unique_ptr<Pending>> pending(RunId const& run) override {
    StoredRun* const stored = find(run);
    if (stored == nullptr) return no_such_run(run);
    return std::make_unique<MemoryPending>(*stored);
  }

  Result<EndedTasks> ended_tasks(RunId const& run) override {
    StoredRun* const stored = find(run);
    if (stored == nullptr) return no_such_run(run);
    EndedTasks ended;
    std::map<std::string, EndedTasks::Money> money;
    for (TaskRecord const& task : stored->tasks) {
      bool const own_doubt = task.outcome == TaskOutcome::in_doubt && stored->has_open_attempt(task.id);
      if (task.outcome == TaskOutcome::outstanding || own_doubt) continue;
      if (!task.element) {
        ended.made += task.outcome == TaskOutcome::made;
        ended.mismatched += task.outcome == TaskOutcome::mismatched;
        ended.failed += task.outcome == TaskOutcome::failed;
        ended.in_doubt += task.outcome == TaskOutcome::in_doubt;
        ended.skipped += task.outcome == TaskOutcome::skipped;
      }
      for (AttemptRecord const& attempt : whole(*stored, task).attempts) {
        std::string key;
        for (std::uint16_t const group : attempt.groups) key += fmt::format("{},", group);
        EndedTasks::Money& sum = money[key];
        sum.groups = attempt.groups;
        sum.balance += attempt.balance;
        ended.attempts += !task.element && attempt.state != AttemptState::refused;
      }
    }
    for (auto const& [key, sum] : money) ended.money.push_back(sum);
    std::set<ModelId> dearer;
    for (auto const& [key, attempt] : stored->attempts)
      if (attempt.record.balance.committed() > attempt.record.most) dearer.insert(attempt.record.model);
    ended.dearer.assign(dearer.begin(), dearer.end());
    return ended;
  }

  Result<void> at_one_moment(std::function<Result<void>()> const& reading) override { return reading(); }

  Result<std::vector<RunSummary>> runs(int most) override {
    std::vector<RunSummary> summaries;
    for (auto run = disk_->runs.rbegin();
         run != disk_->runs.rend() && static_cast<int>(summaries.size()) < most; ++run)
      if ((*run)->started) summaries.push_back(summary_of(**run));
    return summaries;
  }

  Result<RunSummary> summary(RunId const& id) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    return summary_of(*stored);
  }

  Result<RunRecord> run(RunId const& id) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    return RunRecord{.summary = summary_of(*stored),
                     .settings = stored->settings,
                     .nonce = stored->head.nonce,
                     .routes = stored->routes,
                     .notes = stored->notes};
  }

  Result<std::vector<TaskRecord>> tasks(RunId const& id, TaskId first, std::size_t most) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<TaskRecord> tasks;
    for (std::size_t i = index(first); i < stored->tasks.size() && tasks.size() < most; ++i)
      tasks.push_back(whole(*stored, stored->tasks[i]));
    return tasks;
  }

  Result<std::optional<TaskRecord>> find_task(RunId const& id, TaskIdentity const& identity) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    for (TaskRecord const& task : stored->tasks)
      if (stored->is(task, identity)) return whole(*stored, task);
    return std::nullopt;
  }

  Result<std::vector<ElementTask>> elements(RunId const& id) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<ElementTask> elements;
    for (TaskRecord const& task : stored->tasks) {
      if (!task.element) continue;
      bool const open = stored->has_open_attempt(task.id);
      elements.push_back({.task = task.id,
                          .identity = task.identity,
                          .id = *task.element,
                          .outcome = task.outcome,
                          .why = task.why,
                          .ended = task.outcome != TaskOutcome::outstanding && !open});
    }
    return elements;
  }

  Result<UnderWay> under_way(RunId const& id, std::size_t most) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    UnderWay under_way;
    for (TaskRecord const& task : stored->tasks) {
      if (task.outcome != TaskOutcome::outstanding) continue;
      TaskRecord all = whole(*stored, task);
      bool const is_under_way =
          std::any_of(all.attempts.begin(), all.attempts.end(), [](AttemptRecord const& attempt) {
            return attempt.state == AttemptState::submitting || attempt.state == AttemptState::running ||
                   attempt.state == AttemptState::in_doubt || attempt.state == AttemptState::finished;
          });
      if (is_under_way && under_way.all++ < most) under_way.tasks.push_back(std::move(all));
    }
    return under_way;
  }

  Result<std::vector<TaskRecord>> latest_ends(RunId const& id, std::size_t most) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<TaskRecord> tasks;
    for (TaskRecord const& task : stored->tasks)
      if (task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::mismatched ||
          task.outcome == TaskOutcome::failed || task.outcome == TaskOutcome::in_doubt)
        tasks.push_back(task);
    std::sort(tasks.begin(), tasks.end(), [](TaskRecord const& a, TaskRecord const& b) {
      return std::pair{a.ended, a.id} > std::pair{b.ended, b.id};
    });
    if (tasks.size() > most) tasks.resize(most);
    for (TaskRecord& task : tasks) task = whole(*stored, task);
    return tasks;
  }

  Result<std::vector<TaskRecord>> find_tasks(RunId const& id, std::string const& name) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<TaskRecord> tasks;
    for (TaskRecord const& task : stored->tasks)
      if (task.name == name) tasks.push_back(whole(*stored, task));
    return tasks;
  }

  Result<std::vector<Entry>> entries(RunId const& id, std::optional<TaskId> task) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<Entry> entries;
    for (Entry const& entry : stored->entries)
      if (!task || entry.attempt.task == *task) entries.push_back(entry);
    return entries;
  }

  Result<std::vector<std::optional<KnownClip>>> find_clips(std::string const& gateway,
                                                           std::vector<TaskIdentity> const& identities,
                                                           Clips clips) override {
    std::vector<std::optional<KnownClip>> known;
    known.reserve(identities.size());
    for (TaskIdentity const& identity : identities) known.push_back(find_clip(gateway, identity, clips));
    return known;
  }

  Result<std::int64_t> position() override { return disk_->last_entry; }

  Result<std::vector<LeftTask>> left_to_others(RunId const& id) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<LeftTask> left;
    for (TaskRecord const& task : stored->tasks) {
      // In doubt without money out: left to another by a version that had no word of its own for it.
      bool const left_alone = task.outcome == TaskOutcome::waiting || task.outcome == TaskOutcome::in_doubt;
      if ((task.outcome != TaskOutcome::outstanding && !left_alone) || has_money_out(*stored, task)) continue;
      auto has_it = taken_by(*stored, task.id, stored->known_until);
      if (left_alone || has_it) left.push_back({.task = task.id, .has_it = std::move(has_it)});
    }
    return left;
  }

  Result<std::vector<Superseded>> superseded(RunId const& id) override {
    StoredRun* const stored = find(id);
    if (stored == nullptr) return no_such_run(id);
    std::vector<Superseded> superseded;
    for (TaskRecord const& task : stored->tasks) {
      if (task.outcome != TaskOutcome::outstanding || has_money_out(*stored, task)) continue;
      if (auto by = superseding(*stored, task)) superseded.push_back({.task = task.id, .by = *std::move(by)});
    }
    return superseded;
  }

  Result<std::vector<bool>> known_ids(std::string const& gateway, std::vector<GatewayTaskId> const& ids,
                                      TimePoint /*submitted_since*/) override {
    std::vector<bool> known(ids.size());
    for (auto const& run : disk_->runs)
      if (run->head.gateway == gateway)
        for (auto const& [key, attempt] : run->attempts)
          for (std::size_t i = 0; i < ids.size(); ++i)
            known[i] = known[i] || (!ids[i].empty() && ids[i] == attempt.record.task_id);
    return known;
  }

  Result<std::vector<Undecided>> undecided(std::string const& gateway, RunId const& except) override {
    std::vector<Undecided> undecided;
    for (auto const& run : disk_->runs)
      if (run->head.gateway == gateway && run->head.id != except)
        for (auto const& [key, attempt] : run->attempts)
          if (attempt.record.state == AttemptState::submitting ||
              attempt.record.state == AttemptState::in_doubt)
            undecided.push_back({attempt.record.model, attempt.record.submitted});
    return undecided;
  }

  Result<std::vector<std::pair<ModelId, TimePoint>>> creates_since(std::string const& gateway,
                                                                   TimePoint since, TimePoint now) override {
    std::vector<std::pair<ModelId, TimePoint>> creates;
    for (auto const& run : disk_->runs)
      if (run->head.gateway == gateway)
        for (auto const& [key, attempt] : run->attempts) {
          AttemptRecord const& record = attempt.record;
          TimePoint const left_by = std::min(now, record.accepted.value_or(record.ended.value_or(now)));
          if (left_by >= since && record.submitted <= now) creates.emplace_back(record.model, left_by);
        }
    std::stable_sort(creates.begin(), creates.end(),
                     [](auto const& a, auto const& b) { return a.second < b.second; });
    return creates;
  }

  Result<std::vector<AttemptTally>> attempt_tallies(std::string const& gateway, TimePoint since) override {
    std::map<std::tuple<ModelId, std::string_view, std::string_view>, AttemptTally> tallies;
    for (auto const& run : disk_->runs)
      if (run->head.gateway == gateway)
        for (auto const& [key, attempt] : run->attempts) {
          AttemptRecord const& record = attempt.record;
          bool const under_way =
              record.state == AttemptState::submitting || record.state == AttemptState::running;
          if (record.submitted < since || under_way) continue;
          std::optional<FailureKind> const kind =
              record.failure ? std::optional{record.failure->kind} : std::nullopt;
          AttemptTally& tally =
              tallies[{record.model, to_string(record.state), kind ? to_string(*kind) : std::string_view{}}];
          tally.model = record.model;
          tally.state = record.state;
          tally.failure = kind;
          ++tally.attempts;
          if (record.balance.billed > Credits{}) ++tally.billed;
        }
    std::vector<AttemptTally> sorted;
    sorted.reserve(tallies.size());
    for (auto const& [key, tally] : tallies) sorted.push_back(tally);
    return sorted;
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
  StoredRun* find(RunId const& id) {
    for (auto const& run : disk_->runs)
      if (run->head.id == id) return run.get();
    return nullptr;
  }

  Book& book_of(StoredRun const& run) {
    auto const [found, fresh] = books_.try_emplace(run.head.id, run.caps);
    if (fresh) {
      Balance sum;
      std::vector<Credits> groups(run.caps.groups.size());
      for (auto const& [key, attempt] : run.attempts) {
        sum += attempt.record.balance;
        for (std::uint16_t const group : attempt.record.groups)
          groups[group] += attempt.record.balance.committed();
      }
      found->second.restore(sum, groups);
    }
    return found->second;
  }

  static void reopen(TaskRecord& task) {
    if (task.outcome != TaskOutcome::in_doubt) return;
    task.outcome = TaskOutcome::outstanding;
    task.why.clear();
    task.ended.reset();
  }

  static void remember(Book& book, StoredRun const& run, AttemptKey attempt) {
    for (auto it = run.attempts.lower_bound({attempt.task, 0});
         it != run.attempts.end() && it->first.task == attempt.task; ++it) {
      AttemptRecord const& record = it->second.record;
      if (!book.knows(it->first))
        book.restore(it->first, {.state = record.state,
                                 .balance = record.balance,
                                 .day = it->second.day,
                                 .groups = record.groups});
    }
  }

  /// The run that has what the task asks for.
  std::optional<RunId> taken_by(StoredRun const& run, TaskId task, std::int64_t known_until) const {
    TaskIdentity const& identity = run.tasks[index(task)].identity;
    for (auto const& other : disk_->runs) {
      if (other.get() == &run || !other->started || other->head.gateway != run.head.gateway) continue;
      for (TaskRecord const& theirs : other->tasks)
        if (theirs.identity == identity &&
            (has_money_out(*other, theirs) || made_since(*other, theirs, known_until)))
          return other->head.id;
    }
    return std::nullopt;
  }

  /// The latest run that makes the task's take anew.
  std::optional<RunId> superseding(StoredRun const& run, TaskRecord const& task) const {
    auto const own = run.retakes.find(task.id);
    TaskIdentity const& place = own == run.retakes.end() ? task.identity : own->second;
    for (auto later = disk_->runs.rbegin(); later->get() != &run; ++later) {
      StoredRun const& other = **later;
      if (!other.started || other.head.gateway != run.head.gateway) continue;
      for (TaskRecord const& theirs : other.tasks) {
        auto const retake = other.retakes.find(theirs.id);
        bool const given_up = theirs.outcome == TaskOutcome::skipped || theirs.outcome == TaskOutcome::failed;
        bool const anew = !given_up && retake != other.retakes.end() && retake->second == place &&
                          other.head.campaign == run.head.campaign;
        bool const bought =
            own != run.retakes.end() && theirs.identity == place && is_bought(other, theirs.id);
        if (anew || bought) return other.head.id;
      }
    }
    return std::nullopt;
  }

  /// Its clip is paid for, or may be.
  static bool is_bought(StoredRun const& run, TaskId task) {
    for (auto it = run.attempts.lower_bound({task, 0}); it != run.attempts.end() && it->first.task == task;
         ++it) {
      AttemptState const state = it->second.record.state;
      if (state != AttemptState::refused && state != AttemptState::failed) return true;
    }
    return false;
  }

  static bool made_since(StoredRun const& run, TaskRecord const& task, std::int64_t position) {
    if (task.outcome != TaskOutcome::made && task.outcome != TaskOutcome::mismatched) return false;
    for (auto it = run.attempts.lower_bound({task.id, 0});
         it != run.attempts.end() && it->first.task == task.id; ++it)
      if (it->second.record.state == AttemptState::finished && it->second.last_entry > position) return true;
    return false;
  }

  std::optional<KnownClip> find_clip(std::string const& gateway, TaskIdentity const& identity, Clips clips) {
    std::optional<KnownClip> known;
    for (auto run = disk_->runs.rbegin(); run != disk_->runs.rend(); ++run) {
      StoredRun const& stored = **run;
      if (!stored.started || stored.head.gateway != gateway) continue;
      for (TaskRecord const& task : stored.tasks) {
        if (!stored.is(task, identity)) continue;
        bool const made = task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::mismatched ||
                          task.outcome == TaskOutcome::reused;
        if (clips == Clips::latest) {
          if (known || !made || task.outcome == TaskOutcome::reused) continue;
        } else if (made ? clips == Clips::paid && !task.element : !has_money_out(stored, task)) {
          continue;
        }
        if (known && preference(known->outcome) <= preference(task.outcome)) continue;
        known = KnownClip{.origin = {.run = stored.head.id, .model = {}, .quality = Quality::p720},
                          .task = task.name,
                          .outcome = task.outcome,
                          .clip = task.clip,
                          .element = task.element,
                          .identity = task.identity};
        std::vector<AttemptRecord> const attempts = whole(stored, task).attempts;
        if (task.outcome == TaskOutcome::reused && task.made_by) {
          known->origin.model = task.made_by->model;
          known->origin.quality = task.made_by->quality;
        } else if (!attempts.empty()) {
          known->origin.model = attempts.back().model;
          known->origin.quality = attempts.back().quality;
        }
      }
    }
    return known;
  }

  static tl::unexpected<Error> no_such_run(RunId const& id) {
    return fail(Code::not_found, fmt::format("no run '{}' in this ledger", id.str()),
                "see `callsheet history`");
  }

  std::shared_ptr<MemoryDisk> disk_;
  std::map<RunId, Book> books_;
};

}  // namespace

std::unique_ptr<Ledger> open_memory_ledger(std::shared_ptr<MemoryDisk> disk) {
  return std::make_unique<MemoryLedger>(std::move(disk));
}

}  // namespace callsheet::ledger
