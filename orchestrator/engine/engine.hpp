#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/engine/action.hpp"
#include "orchestrator/engine/breaker.hpp"
#include "orchestrator/engine/event.hpp"
#include "orchestrator/engine/gcra.hpp"
#include "orchestrator/engine/random.hpp"
#include "orchestrator/engine/retry_policy.hpp"
#include "orchestrator/engine/run_money.hpp"
#include "orchestrator/engine/settings.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// engine/ decides: who is admitted, when, on which model, for how much, what a failure leads to. It is pure:
// no clock, socket, file, database or thread; given the same events at the same times it takes the same
// actions.
namespace callsheet::engine {

/// An attempt of an earlier session of the same run, as the ledger remembers it.
struct PastAttempt {
  std::uint32_t ordinal = 1;
  plan::Candidate candidate;
  AttemptState state = AttemptState::submitting;
  GatewayTaskId id;
  Credits held;
  Credits spent;  ///< billed + refund expected
  TimePoint submitted;
};

struct TaskSpec {
  plan::Route route;
  int priority = 0;         ///< higher goes first; then the order of adding
  bool has_inputs = false;  ///< pictures must be made available before it can be submitted
  std::vector<PastAttempt> past;
};

/// How a run stands, for display.
struct Standing {
  int waiting = 0;    ///< not submitted yet
  int in_flight = 0;  ///< submitted and not ended
  int fetching = 0;   ///< made, file on its way
};

/// The scheduler. Feed it events, carry out what next() gives until it is empty, come back at wake_at().
/// Any one thread. Time must not go back between calls.
class Engine {
 public:
  Engine(Settings settings, std::uint64_t seed);

  /// Ids count from 0 in the order of adding. All tasks are added before the first next().
  TaskId add(TaskSpec task);
  /// Gives the next id to a task that has ended already, so that ids match the plan's; what it cost still
  /// counts.
  TaskId add_ended(std::vector<PastAttempt> const& past);
  void on(Event const& event, TimePoint now);
  /// The next thing to do at `now`; call until empty.
  [[nodiscard]] std::optional<Action> next(TimePoint now);
  /// When next() may have something though no event came. Empty: only an event can move things.
  [[nodiscard]] std::optional<TimePoint> wake_at(TimePoint now) const;
  /// Every task was finished with a Finish action.
  [[nodiscard]] bool finished() const { return live_ == 0 && pending_.empty(); }
  [[nodiscard]] Standing standing() const;

 private:
  enum class Phase : std::uint8_t {
    to_prepare,
    preparing,
    ready,
    backing_off,
    submitting,
    in_doubt,
    replaying,
    running,
    polling,
    to_fetch,
    fetching,
    refetch_wait,
    ended
  };
  /// The order of admission.
  using Key = std::pair<int, TaskId>;

  struct Task {
    TaskSpec spec;
    Phase phase = Phase::ready;
    std::size_t candidate = 0;
    std::uint32_t ordinal = 0;  ///< of the latest attempt
    int landed = 0;
    int failures = 0;  ///< in a row, of the step the task is at
    bool prepared = false;
    bool probe = false;    ///< its attempt probes a half-open breaker
    bool ahead = false;    ///< counts as prepared ahead of its submission
    bool in_slot = false;  ///< counts against the in-flight limits
    bool settled = false;
    Credits held;
    Credits burnt;  ///< spent on attempts that came to nothing
    GatewayTaskId id;
    TimePoint submitted{};
    std::vector<std::string> links;
  };

  /// What is kept per model.
  struct Lane {
    std::set<Key> ready;
    std::optional<Gcra> rate;
    std::optional<int> in_flight_most;
    int in_flight = 0;
    bool dropped = false;
    Breaker breaker;
  };

  void handle(Prepared const& event, TimePoint now);
  void handle(PrepareFailed const& event, TimePoint now);
  void handle(InputsLost const& event, TimePoint now);
  void handle(HoldRefused const& event, TimePoint now);
  void handle(Submitted const& event, TimePoint now);
  void handle(Refused const& event, TimePoint now);
  void handle(SubmitUnknown const& event, TimePoint now);
  void handle(Polled const& event, TimePoint now);
  void handle(PollFailed const& event, TimePoint now);
  void handle(Fetched const& event, TimePoint now);
  void handle(FetchFailed const& event, TimePoint now);
  void handle(IdempotencySeen const& event, TimePoint now);
  void handle(StopRequested const& event, TimePoint now);

  // What each call of next() may push to pending_ (engine_admission.cpp).
  void run_due_timers(TimePoint now);
  void start_fetches();
  void prepare_ahead();
  void admit(TimePoint now);
  enum class Admission { moved, lane_closed, all_closed };
  Admission admit_from(ModelId const& model, TimePoint now);
  bool leave_closed_lane(TaskId id, TimePoint now);
  bool make_affordable(TaskId id);
  void skip_for_budget(TaskId id, std::string const& why);
  void finish_parked_doubts();
  [[nodiscard]] std::optional<TimePoint> lane_opens_at(Lane const& lane, TimePoint now) const;

  void restore(TaskId id, TimePoint from);
  void submit(TaskId id, TimePoint now);
  void resolve_doubt(TaskId id, TimePoint now);
  void poll(TaskId id, TimePoint now);
  void after_refusal(TaskId id, Failure const& failure, TimePoint now);
  void after_failed_task(TaskId id, Failure const& failure, TimePoint now);
  void fall_back(TaskId id, Failure const& failure, TimePoint now);
  void retry_later(TaskId id, Failure const& failure, Remedy remedy, TimePoint now);
  bool move_to_next_candidate(TaskId id);
  void enqueue(TaskId id);
  void unqueue(TaskId id);
  void stop(std::string const& why);
  void finish(TaskId id, TaskOutcome outcome, std::string why);
  void take_back_hold(Task& task);
  void end_probe(Task& task);
  void no_longer_ahead(Task& task);
  void take_slot(Task& task);
  void leave_slot(Task& task);
  void set_timer(TaskId id, TimePoint at);

  [[nodiscard]] Task& at(TaskId id) { return tasks_[index(id)]; }
  /// The task of an event, unless the event is about an attempt that is no longer the latest or phase is
  /// wrong.
  [[nodiscard]] Task* expect(AttemptKey attempt, std::initializer_list<Phase> phases);
  [[nodiscard]] plan::Candidate const& candidate_of(Task const& task) const {
    return task.spec.route.candidates[task.candidate];
  }
  [[nodiscard]] Lane& lane_of(Task const& task) { return lanes_[candidate_of(task).model]; }
  [[nodiscard]] Key key_of(TaskId id) const { return {-tasks_[index(id)].spec.priority, id}; }

  Settings settings_;
  Random random_;
  RunMoney money_;
  std::optional<Gcra> creates_;
  std::optional<Gcra> reads_;
  TimePoint creates_paused_until_ = TimePoint::min();

  std::vector<Task> tasks_;
  std::map<ModelId, Lane> lanes_;
  std::set<Key> to_prepare_;
  std::set<std::pair<TimePoint, TaskId>> timers_;
  std::map<TaskId, TimePoint> timer_of_;
  std::deque<TaskId> to_fetch_;
  std::set<TaskId> parked_doubts_;
  std::deque<Action> pending_;
  int live_ = 0;
  int in_flight_ = 0;
  int fetching_ = 0;
  int prepared_ahead_ = 0;
  std::optional<std::string> stopped_;
};

}  // namespace callsheet::engine
