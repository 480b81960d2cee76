#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/record.hpp"
#include "orchestrator/ledger/task_counts.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// ledger/ remembers: holds, attempts, bills, clips, uploads. It is what survives the process. It knows no
// gateway and no policy; the one rule it enforces is that no hold exceeds a cap.
namespace callsheet::ledger {

struct NewTask {
  TaskIdentity identity;
  std::string name;
  int take = 1;
  int priority = 0;
  std::uint32_t route = 0;  ///< of the run's routes, by their number
  std::string spec;         ///< the planned task, in plan/'s own encoding
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why{};                 ///< of an outcome
  std::optional<Origin> made_by{};   ///< reused: what bought it; waiting: what has it
  std::optional<ClipRecord> clip{};  ///< reused: the file in place
  /// It makes an element, not a clip; reused: the element's id, else empty.
  std::optional<std::string> element{};
  /// A retake: it is made in the place of a clip that was asked for as that. Empty: it is none.
  TaskIdentity stands_for{};
};

struct NewRun {
  RunId id;
  std::string campaign;
  std::string gateway;
  std::string nonce;  ///< random: what idempotency keys are made of
  TimePoint started;
};

/// Whether a process works on a run.
struct Driven {
  bool now = false;
  std::optional<int> process = {};  ///< which, where it is told
};

struct RunSummary {
  RunId id;
  std::string campaign;
  std::string gateway;
  /// Running only while a process works on it: without one, what was not ended is interrupted.
  RunStatus status = RunStatus::running;
  bool process_gone = false;        ///< interrupted without a word: by a kill, or by power
  std::optional<int> process = {};  ///< that works on it, where it is known
  TimePoint started;
  std::optional<TimePoint> ended;
  Credits cap;
  Balance balance;
  /// All tasks, also those that make elements.
  int tasks = 0, outstanding = 0, made = 0, mismatched = 0, reused = 0, failed = 0, in_doubt = 0, waiting = 0,
      skipped = 0;
  // Of the skipped ones, those that were not kept out by money.
  int late = 0;                         ///< past their deadline
  int withdrawn = 0;                    ///< no longer wanted
  TaskCounts elements = {};             ///< of those that make elements
  std::vector<RunId> waiting_for = {};  ///< the runs that have what the waiting ones ask for, by id

  /// Of those that make clips.
  [[nodiscard]] TaskCounts clips() const {
    return {.all = tasks - elements.all,
            .outstanding = outstanding - elements.outstanding,
            .made = made - elements.made,
            .mismatched = mismatched - elements.mismatched,
            .reused = reused - elements.reused,
            .failed = failed - elements.failed,
            .in_doubt = in_doubt - elements.in_doubt,
            .waiting = waiting - elements.waiting,
            .skipped = skipped - elements.skipped};
  }
};

struct AttemptRecord {
  AttemptKey key;
  ModelId model;
  Quality quality = Quality::p720;
  AttemptState state = AttemptState::submitting;
  GatewayTaskId task_id;
  std::string idempotency_key;
  std::string callback_token;
  std::string request_body;
  Credits most;  ///< what was held at first
  Balance balance;
  std::optional<BilledBy> billed_by;
  GroupSet groups;
  TimePoint submitted;
  std::optional<Duration> gateway_ahead;  ///< of our clock, then
  std::optional<TimePoint> accepted;      ///< when its task id came
  std::optional<TimePoint> ended;
  std::optional<Failure> failure;
  std::string why;
  std::string waited;
  std::string then;
};

struct TaskRecord {
  TaskId id{};
  TaskIdentity identity;
  std::string name;
  int take = 1;
  int priority = 0;
  std::uint32_t route = 0;
  std::string spec;
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  std::optional<TimePoint> ended;
  std::optional<Origin> made_by;
  std::optional<ClipRecord> clip;
  std::optional<std::string> element{};  ///< of tasks that make one: its id, empty while it is not made
  std::vector<AttemptRecord> attempts;   ///< by ordinal
};

/// A task of a run that makes an element.
struct ElementTask {
  TaskId task{};
  TaskIdentity identity;
  std::string id;  ///< at the gateway; empty: not made
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  bool ended = false;  ///< nothing more is done about it: no attempt is open, and the outcome is known
};

struct Note {
  TimePoint at;
  std::string text;
};

/// A run without its tasks, of which there may be a million.
struct RunRecord {
  RunSummary summary;
  std::string settings;
  std::string nonce;
  std::vector<std::string> routes;  ///< by number, in plan/'s own encoding
  std::vector<Note> notes;
};

/// What the tasks of a run that need nothing more have come to, and what was learned of prices: `resume` goes
/// on from there.
struct EndedTasks {
  struct Money {
    GroupSet groups;
    Balance balance;
  };
  std::vector<Money> money;                                                      ///< of their attempts
  std::int64_t made = 0, mismatched = 0, failed = 0, in_doubt = 0, skipped = 0;  ///< elements left out
  std::int64_t attempts = 0;                                                     ///< at clips
  /// Models that have an attempt, of whatever task, that cost more than the most that was expected. Sorted.
  std::vector<ModelId> dearer;
};

/// A clip or element that some run of this ledger made, or that some run has money on.
struct KnownClip {
  Origin origin;
  std::string task;
  TaskOutcome outcome =
      TaskOutcome::made;  ///< made or mismatched; outstanding, in_doubt: paid for, or may be
  std::optional<ClipRecord> clip;
  std::optional<std::string> element{};  ///< as in TaskRecord
  TaskIdentity identity{};  ///< other than asked for where a retake from another prompt stands in its place
};

/// Which clips are looked for: those that are made or have money on them, or the latter only. Elements that
/// are made are found either way: they are at the gateway, and another would be no other. `latest` is the
/// clip that came last, as ordered or not, whatever has become of its file.
enum class Clips { made_or_paid, paid, latest };

/// A task of a run, and the later one that makes its take anew.
struct Superseded {
  TaskId task{};
  RunId by;
  friend bool operator==(Superseded const&, Superseded const&) = default;
};

struct Upload {
  std::string url;
  TimePoint expires;
};

/// Tasks of a run that have not ended, and have an attempt that may run, runs, or is paid for and not home
/// yet.
struct UnderWay {
  std::vector<TaskRecord> tasks;  ///< in order, those that were asked for
  std::size_t all = 0;
};

/// What the gateway said its account holds, and when.
struct BalanceSeen {
  TimePoint at;
  Credits account;
  std::optional<Credits> key;
};

/// How long tasks of one kind took, in poll grid steps: what the engine learned.
struct DurationHistory {
  ModelId model;
  Quality quality = Quality::p720;
  std::chrono::seconds duration{0};
  Sound sound = Sound::off;
  std::string steps;  ///< in the run's own encoding
};

/// How attempts with one model came out that ended alike.
struct AttemptTally {
  ModelId model;
  AttemptState state = AttemptState::finished;
  std::optional<FailureKind> failure{};
  std::int64_t attempts = 0;
  std::int64_t billed = 0;  ///< of them: something was billed for
  friend bool operator==(AttemptTally const&, AttemptTally const&) = default;
};

/// An attempt whose create request may have landed, and no id tells.
struct Undecided {
  ModelId model;
  TimePoint submitted;
};

/// A task that a run has left to others.
struct LeftTask {
  TaskId task{};
  /// The run that has money out for the same thing, or else has made it and booked that since the other was
  /// begun; empty: none has by now.
  std::optional<RunId> has_it{};
  friend bool operator==(LeftTask const&, LeftTask const&) = default;
};

/// Held for as long as a process works on a campaign; freed when it ends, however it ends.
class Lease {
 public:
  virtual ~Lease() = default;
};

/// The durable record. One thread at a time. Every call may block on disk. All fail with
/// Code::ledger_unavailable when the store cannot be read or written; then nothing of the call was recorded.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// The file it is kept in, for whoever reads it beside this one; empty: it is in none.
  [[nodiscard]] virtual std::filesystem::path file() const { return {}; }

  /// Keeps other processes from working on the same campaign with this ledger. Fails with Code::busy.
  [[nodiscard]] virtual Result<std::unique_ptr<Lease>> lease(std::string const& campaign) = 0;

  /// Whoever reads this ledger is told that the run is under way, until its RunEnded is recorded or this
  /// process ends, however it does. To be called under the campaign's lease, before start_run(). A store that
  /// nobody else can read has nobody to tell.
  [[nodiscard]] virtual Result<void> works_on(RunId const& /*run*/) { return {}; }

  // A run is written down in pieces, so that a million tasks need no memory, and counts from start_run() on:
  // what was written of a run that never started is thrown away with the next begin_run() of its campaign.

  [[nodiscard]] virtual Result<void> begin_run(NewRun const& run) = 0;
  /// Routes are numbered in the order they are added, from 0.
  [[nodiscard]] virtual Result<void> add_routes(RunId const& run, std::vector<std::string> const& routes) = 0;
  /// TaskId is the position: the first of a run is 0.
  [[nodiscard]] virtual Result<void> add_tasks(RunId const& run, std::vector<NewTask> const& tasks) = 0;
  /// `settings`: the plan without its tasks, in plan/'s own encoding.
  [[nodiscard]] virtual Result<void> start_run(RunId const& run, std::string const& settings,
                                               Budget const& caps) = 0;

  /// All or nothing, durable on return; one receipt a record, in order. A refused Intent leaves no trace and
  /// does not touch the others.
  [[nodiscard]] virtual Result<std::vector<Receipt>> commit(RunId const& run,
                                                            std::vector<Record> const& records) = 0;

  /// Tasks of a run that need work, with their attempts: first those with money out (all of them, at the
  /// first call), then the others by priority and position, at most `most` a call. Empty: there are no more.
  class Pending {
   public:
    virtual ~Pending() = default;
    [[nodiscard]] virtual Result<std::vector<TaskRecord>> with_money_out() = 0;
    [[nodiscard]] virtual Result<std::vector<TaskRecord>> next(std::size_t most) = 0;
  };
  /// Must not outlive the ledger. What is committed meanwhile about tasks it has given is no matter to it.
  [[nodiscard]] virtual Result<std::unique_ptr<Pending>> pending(RunId const& run) = 0;
  [[nodiscard]] virtual Result<EndedTasks> ended_tasks(RunId const& run) = 0;

  /// What `reading` reads is the ledger at one moment, whatever other processes write meanwhile.
  [[nodiscard]] virtual Result<void> at_one_moment(std::function<Result<void>()> const& reading) = 0;

  /// Newest first; runs that have started.
  [[nodiscard]] virtual Result<std::vector<RunSummary>> runs(int most) = 0;
  /// The settings of the runs of the same campaign at the same gateway that were begun after it, newest
  /// first. Fails with Code::not_found.
  [[nodiscard]] virtual Result<std::vector<std::string>> later_settings(RunId const& id) = 0;
  /// Fails with Code::not_found.
  [[nodiscard]] virtual Result<RunSummary> summary(RunId const& id) = 0;
  /// Fails with Code::not_found.
  [[nodiscard]] virtual Result<RunRecord> run(RunId const& id) = 0;
  /// Tasks `first`, `first` + 1, … with their attempts, at most `most`.
  [[nodiscard]] virtual Result<std::vector<TaskRecord>> tasks(RunId const& id, TaskId first,
                                                              std::size_t most) = 0;
  /// The tasks that make elements, in order.
  [[nodiscard]] virtual Result<std::vector<ElementTask>> elements(RunId const& id) = 0;
  /// At most so many of the tasks that are under way, or were when whoever worked on the run left.
  [[nodiscard]] virtual Result<UnderWay> under_way(RunId const& id, std::size_t most) = 0;
  /// The tasks that ended last, with their attempts, the newest first, at most `most`: made, mismatched,
  /// failed or in doubt, not what was never begun.
  [[nodiscard]] virtual Result<std::vector<TaskRecord>> latest_ends(RunId const& id, std::size_t most) = 0;
  /// By task name, in the order of takes; empty when there is none.
  [[nodiscard]] virtual Result<std::vector<TaskRecord>> find_tasks(RunId const& id,
                                                                   std::string const& name) = 0;
  /// By what it is or stands for; empty when the run has no such task.
  [[nodiscard]] virtual Result<std::optional<TaskRecord>> find_task(RunId const& id,
                                                                    TaskIdentity const& identity) = 0;
  /// Those of one attempt's task when `task` is given.
  [[nodiscard]] virtual Result<std::vector<Entry>> entries(RunId const& id, std::optional<TaskId> task) = 0;

  /// What is known of each identity at that gateway, in the order asked, retakes that stand for it included;
  /// a made clip wins over one that is only paid for, and a newer one over an older.
  [[nodiscard]] virtual Result<std::vector<std::optional<KnownClip>>> find_clips(
      std::string const& gateway, std::vector<TaskIdentity> const& identities, Clips clips) = 0;

  /// The number of the last entry: what is booked later has a greater one.
  [[nodiscard]] virtual Result<std::int64_t> position() = 0;

  /// Tasks of the run that have not ended and have no money out, where another run at its gateway has money
  /// out for the same thing, or has made it and booked that since this one was begun; and those that wait for
  /// another, whatever has become of it there. In order.
  [[nodiscard]] virtual Result<std::vector<LeftTask>> left_to_others(RunId const& id) = 0;

  /// Outstanding tasks of the run that have no money out, where a later run of its campaign, at its gateway,
  /// is to make a retake in their place; and of its own retakes those in whose place a later run has bought a
  /// clip. With the latest such run, in order.
  [[nodiscard]] virtual Result<std::vector<Superseded>> superseded(RunId const& id) = 0;

  /// Which of these task ids some attempt at that gateway has, by position.
  [[nodiscard]] virtual Result<std::vector<bool>> known_ids(std::string const& gateway,
                                                            std::vector<GatewayTaskId> const& ids,
                                                            TimePoint submitted_since) = 0;
  /// Attempts of other runs at that gateway that may own a task nobody knows.
  [[nodiscard]] virtual Result<std::vector<Undecided>> undecided(std::string const& gateway,
                                                                 RunId const& except) = 0;
  /// When create requests left for that gateway since then, each at the latest it can have been; for limits
  /// that hold across restarts.
  [[nodiscard]] virtual Result<std::vector<std::pair<ModelId, TimePoint>>> creates_since(
      std::string const& gateway, TimePoint since, TimePoint now) = 0;

  /// Attempts submitted to that gateway since then, but for those still under way, by model, state and kind
  /// of failure.
  [[nodiscard]] virtual Result<std::vector<AttemptTally>> attempt_tallies(std::string const& gateway,
                                                                          TimePoint since) = 0;

  [[nodiscard]] virtual Result<std::optional<Upload>> find_upload(std::string const& gateway,
                                                                  ContentDigest const& content) = 0;
  [[nodiscard]] virtual Result<void> remember_upload(std::string const& gateway, ContentDigest const& content,
                                                     Upload const& upload) = 0;

  /// Whether the gateway was ever seen to honour idempotency keys.
  [[nodiscard]] virtual Result<bool> idempotency_seen(std::string const& gateway) = 0;
  [[nodiscard]] virtual Result<void> remember_idempotency(std::string const& gateway) = 0;

  /// Billed, held or not known to be given back, of the attempts of that day (UTC) at that gateway: what
  /// Budget::daily bounds.
  [[nodiscard]] virtual Result<Credits> committed_on_day(std::string const& gateway, TimePoint at) = 0;

  [[nodiscard]] virtual Result<void> remember_balance(std::string const& gateway,
                                                      BalanceSeen const& seen) = 0;
  /// Oldest first.
  [[nodiscard]] virtual Result<std::vector<BalanceSeen>> balances(std::string const& gateway) = 0;

  [[nodiscard]] virtual Result<void> remember_durations(std::string const& gateway,
                                                        std::vector<DurationHistory> const& history) = 0;
  [[nodiscard]] virtual Result<std::vector<DurationHistory>> durations(std::string const& gateway) = 0;
};

}  // namespace callsheet::ledger
