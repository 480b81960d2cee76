#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/engine/action.hpp"
#include "orchestrator/engine/breaker.hpp"
#include "orchestrator/engine/doubt_search.hpp"
#include "orchestrator/engine/event.hpp"
#include "orchestrator/engine/poll_plan.hpp"
#include "orchestrator/engine/random.hpp"
#include "orchestrator/engine/rate_limit.hpp"
#include "orchestrator/engine/retry_budget.hpp"
#include "orchestrator/engine/retry_policy.hpp"
#include "orchestrator/engine/run_money.hpp"
#include "orchestrator/engine/settings.hpp"
#include "orchestrator/engine/slot_heap.hpp"

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// engine/ decides: who is admitted, when, on which model, for how much, when a task is read, what a failure
// leads to. It is pure: no clock, socket, file, database or thread; given the same events at the same times
// it takes the same actions.
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
  bool dated = true;             ///< `submitted` is right by this process's clock: it may have been set since
  bool content_refused = false;  ///< by its model
};

struct TaskSpec {
  TaskId id{};  ///< unique in the run
  std::shared_ptr<plan::Route const>
      route;                ///< shared by all tasks that have the same; at least one candidate
  int priority = 0;         ///< higher goes first; then the lower id
  bool has_inputs = false;  ///< pictures must be made available before it can be submitted
  std::chrono::seconds duration{
      5};  ///< of the clip: with model, quality and sound, how long it takes to make
  Sound sound = Sound::off;
  GroupSet groups;
  TimePoint deadline = TimePoint::max();  ///< from then on no attempt of it is submitted
  std::vector<PastAttempt> past;          ///< by ordinal
  /// Tasks of the run that must be made before this one is submitted: what it refers to comes of them. Each
  /// is `needed`, and added in this session (before those that need it, where tasks are loaded on demand: who
  /// waits counts against the backlog) or told by ended_before(); none of them needs one itself.
  std::vector<TaskId> needs{};
  /// Others may need it: how it ended is remembered to the end of the run. It is no clip: thresholds count
  /// what it cost, and not the task.
  bool needed = false;
};

/// What earlier sessions of a run left behind beside the tasks that are added: ended tasks count on.
struct Earlier {
  struct Money {
    GroupSet groups;
    Credits held;   ///< by doubts
    Credits spent;  ///< billed + refund expected
  };
  std::vector<Money> money;     ///< of ended tasks
  Tally tally;                  ///< of ended tasks
  std::vector<ModelId> dearer;  ///< models that wanted more than the most that was expected
  /// When creates left lately, at the latest, whatever run sent them: the limits hold across restarts.
  std::vector<std::pair<ModelId, TimePoint>> creates;
  /// Nobody remembers when another process read last: it may have used up the limit until now.
  std::optional<TimePoint> reads_until;
};

/// How tasks of one kind take their time.
struct PollKind {
  ModelId model;
  Quality quality = Quality::p720;
  std::chrono::seconds duration{0};
  Sound sound = Sound::off;
  friend auto operator<=>(PollKind const&, PollKind const&) = default;
};

/// How a run stands, for display.
struct Standing {
  int waiting = 0;    ///< added and not submitted yet
  int in_flight = 0;  ///< submitted and not ended
  int fetching = 0;   ///< made, file on its way
  int doubts = 0;     ///< of those in flight: whether they run is not known
  /// All places in flight are theirs, and others wait: until when the first of them gives its place up at the
  /// latest.
  std::optional<TimePoint> doubts_block_until;
  /// The gateway has stopped answering; at `gives_up` the run ends over it.
  struct Away {
    TimePoint since, gives_up;
  };
  std::optional<Away> away;
};

/// Tasks that could be submitted to a model but for what they wait for, for display.
struct Queue {
  ModelId model;
  std::size_t tasks = 0;
  Waited waits_for = Waited::nothing;  ///< the first of them
};

/// How a model stands that has tasks waiting or in flight, or is set aside, for display.
struct ModelStanding {
  ModelId model;
  int in_flight = 0;
  std::size_t waiting = 0;             ///< tasks that could be submitted to it but for what they wait for
  Waited waits_for = Waited::nothing;  ///< the first of them
  double pace = 1;                     ///< of its rate, as pace()
  enum class Health {
    well,
    pausing,  ///< after failures in a row, until `asked_again`
    tried,    ///< one task tries whether it is well again, or the next one will
    dropped,  ///< for the rest of the run
  };
  Health health = Health::well;
  TimePoint asked_again{};
};

/// The scheduler. Feed it events, carry out what next() gives until it is empty, come back at wake_at().
/// Any one thread. Time must not go back between calls.
class Engine {
 public:
  Engine(Settings settings, std::uint64_t seed);

  /// Before anything else, when a run goes on.
  void restore(Earlier const& earlier);
  /// Before anything else: what earlier runs learned.
  void restore(PollKind const& kind, std::vector<DurationKnowledge::Step> const& steps, double share);

  /// What people call a needed task, for the reasons of those that need it: "the element hero". Before it
  /// ends.
  void call(TaskId needed, std::string name) { names_of_needed_.try_emplace(needed, std::move(name)); }

  /// How a needed task ended in an earlier session. Before tasks that need it are added.
  void ended_before(TaskId needed, TaskOutcome outcome, std::string why);

  void add(TaskSpec task, TimePoint now);
  /// Tasks are added as Load asks for them, up to a Loaded event; without this call, all are added
  /// beforehand.
  void load_on_demand() { more_to_load_ = true; }

  void on(Event const& event, TimePoint now);
  /// The next thing to do at `now`; call until empty.
  [[nodiscard]] std::optional<Action> next(TimePoint now);
  /// When next() may have something though no event came. Empty: only an event can move things.
  [[nodiscard]] std::optional<TimePoint> wake_at(TimePoint now) const;
  /// Every task was finished with a Finish or FinishRest action.
  [[nodiscard]] bool finished() const {
    return live_ == 0 && pending_.empty() && !more_to_load_ && !loading_;
  }

  [[nodiscard]] Standing standing() const;
  /// Of models that have some, by model.
  [[nodiscard]] std::vector<Queue> queues(TimePoint now) const;
  [[nodiscard]] std::vector<ModelStanding> models(TimePoint now) const;
  [[nodiscard]] Limits const& limits() const { return settings_.limits; }
  /// Of create requests, as a share of what the limits allow: lower after the gateway asked to slow down.
  [[nodiscard]] double pace(TimePoint now) const { return creates_.pace(now); }
  [[nodiscard]] Tally const& tally() const { return tally_; }
  /// Why nothing more is submitted; empty while something may be.
  [[nodiscard]] std::string stopped() const { return stop_ ? stop_->why : std::string{}; }
  /// Nothing new is submitted until it is resumed.
  [[nodiscard]] bool paused() const { return paused_; }
  /// Whether a threshold stopped the run.
  [[nodiscard]] bool breached() const { return breached_; }
  [[nodiscard]] std::map<PollKind, DurationKnowledge> knowledge() const;

 private:
  using Slot = std::uint32_t;
  static constexpr Slot no_slot = UINT32_MAX;

  enum class Phase : std::uint8_t {
    waiting_for_need,
    to_prepare,
    preparing,
    ready,
    waiting_for_group,
    backing_off,
    submitting,
    in_doubt,  ///< evidence is looked for
    parked,    ///< in doubt, and nothing more can be done about it
    replaying,
    adopt_due,  ///< waits for the request budget
    adopting,
    running,
    read_due,  ///< waits for the request budget
    polling,
    to_fetch,
    fetching,
    refetch_wait,
    ended
  };

  /// The order of admission.
  struct Key {
    std::int32_t minus_priority;
    std::uint32_t id;
    friend auto operator<=>(Key const&, Key const&) = default;
  };
  /// The order of timers and downloads.
  struct At {
    TimePoint time;
    std::uint32_t id;
    friend auto operator<=>(At const&, At const&) = default;
  };

  /// What is kept per model.
  struct Lane {
    Lane(ModelId id, HeapPositions& positions) : model{std::move(id)}, ready{positions} {}
    ModelId model;
    SlotHeap<Key> ready;
    RateLimit rate;
    std::optional<int> in_flight_most;
    int in_flight = 0;
    bool dropped = false;  ///< set aside for the rest of the run
    Breaker breaker;
    Waited closed_by = Waited::nothing;  ///< what keeps its first task waiting now
    TimePoint rate_limited = TimePoint::min();
  };

  struct KnownRoute {
    std::shared_ptr<plan::Route const> route;
    std::vector<Lane*> lanes;  ///< of each candidate
  };

  /// What every read of a task touches stands first, within two cache lines: with 100,000 of them in flight,
  /// memory is what a decision waits for.
  struct Task {
    TaskId id{};
    std::uint32_t ordinal = 0;  ///< of the latest attempt
    Phase phase = Phase::ended;
    bool settled = false;
    bool hurried = false;            ///< a callback came while it was being read
    std::uint8_t unknown_reads = 0;  ///< in a row, but for silence in between
    std::uint16_t failures = 0;      ///< in a row, of the step the task is at
    std::uint16_t candidate = 0;
    KnownRoute const* route = nullptr;
    PollPlan* polls = nullptr;  ///< of the attempt under way
    TimePoint submitted{};
    Duration alive{0};  ///< age when it was last seen running
    GatewayTaskId gateway_id;
    Sound sound = Sound::off;
    bool has_inputs = false;
    bool prepared = false;
    bool probe = false;      ///< its attempt probes a half-open breaker
    bool ahead = false;      ///< counts as prepared ahead of its submission
    bool in_slot = false;    ///< counts against the in-flight limits
    bool dated = true;       ///< `submitted` is right by our clock
    bool leaving = false;    ///< its request was decided and has not left yet
    bool needed = false;     ///< how it ends is remembered
    bool has_needs = false;  ///< not yet known to be made: needs_
    bool called_back = false;
    std::uint8_t hints = 0;  ///< callbacks that were followed
    std::uint8_t searches = 0;
    std::uint8_t adoptions = 0;
    std::uint16_t landed = 0;
    std::int32_t priority = 0;
    Waited waited = Waited::nothing;
    GroupSet groups;
    std::chrono::seconds duration{0};
    Credits held;
    Credits burnt;                ///< spent on attempts that came to nothing
    Credits billed;               ///< for the clip
    std::optional<Credits> told;  ///< what the gateway said it reserved
    GatewayTaskId named;          ///< by a callback or list: what an attempt in doubt may be
    TimePoint gave_up{};          ///< in doubt: when no answer was waited for any longer
    TimePoint slot_until{};       ///< in doubt: it may be running until then
    Duration ended{0};            ///< age when it was seen to have ended
    RateLimit::Ticket ticket = 0;
    RateLimit::Ticket lane_ticket = 0;
    std::vector<std::string> links;
    std::vector<Lane const*> refused_by;  ///< models that refused its content: they would again
    TimePoint deadline = TimePoint::max();
    std::string why;  ///< why its candidate is not the first by price
  };

  struct Stop {
    TaskOutcome outcome;  ///< of what was not submitted
    std::string why;
  };

  void handle(Loaded const& event, TimePoint now);
  void handle(Prepared const& event, TimePoint now);
  void handle(PrepareFailed const& event, TimePoint now);
  void handle(InputsLost const& event, TimePoint now);
  void handle(HoldRefused const& event, TimePoint now);
  void handle(TakenElsewhere const& event, TimePoint now);
  void handle(Sending const& event, TimePoint now);
  void handle(Submitted const& event, TimePoint now);
  void handle(Refused const& event, TimePoint now);
  void handle(SubmitUnknown const& event, TimePoint now);
  void handle(Listed const& event, TimePoint now);
  void handle(ListFailed const& event, TimePoint now);
  void handle(AdoptFailed const& event, TimePoint now);
  void handle(CalledBack const& event, TimePoint now);
  void handle(NotTaken const& event, TimePoint now);
  void handle(Polled const& event, TimePoint now);
  void handle(PollFailed const& event, TimePoint now);
  void handle(Probed const& event, TimePoint now);
  void handle(Fetched const& event, TimePoint now);
  void handle(FetchFailed const& event, TimePoint now);
  void handle(IdempotencySeen const& event, TimePoint now);
  void handle(StopRequested const& event, TimePoint now);
  void handle(PauseRequested const& event, TimePoint now);
  void handle(ResumeRequested const& event, TimePoint now);

  // Tasks that need others (engine_needs.cpp).
  enum class Needs { met, awaited, unmet };
  [[nodiscard]] std::string name_of_needed(TaskId needed) const;
  [[nodiscard]] Needs look_at_needs(Slot slot);
  void tell_waiting(TaskId needed);

  // What each call of next() may push to pending_ (engine_admission.cpp).
  void run_due_timers(TimePoint now);
  void leave_out_late(TimePoint now);
  void on_timer(Slot slot, TimePoint now);
  void start_reads(TimePoint now);
  void start_fetches();
  void prepare_ahead();
  void probe_gateway(TimePoint now);
  void load_more();
  void admit(TimePoint now);
  enum class Admission { moved, lane_closed, all_closed };
  Admission admit_from(Lane& lane, TimePoint now);
  [[nodiscard]] bool home_is_full() const;
  [[nodiscard]] Waited closed_by(Lane const& lane, TimePoint now) const;
  [[nodiscard]] std::optional<TimePoint> lane_opens_at(Lane const& lane, TimePoint now) const;
  bool leave_closed_lane(Slot slot, TimePoint now);
  bool retry_has_to_wait(Slot slot, TimePoint now);
  bool make_affordable(Slot slot);
  void skip_for_run(Slot slot, std::string const& why);
  void skip_for_group(Slot slot);
  void end_hold(Task& task, Credits spent);
  void wake_groups(GroupSet const& groups);
  void wake_group(std::uint16_t group);

  // The create request and the gateway's task (engine.cpp).
  void submit(Slot slot, TimePoint now);
  void resume_task(Slot slot, std::vector<PastAttempt> const& past, TimePoint now);
  [[nodiscard]] std::string after_refusal(Slot slot, Failure const& failure, TimePoint now);
  [[nodiscard]] std::string after_failed_task(Slot slot, Failure const& failure, TimePoint now);
  void completed(Slot slot, Polled const& event, TimePoint now);
  void learn_end(Task& task, TimePoint now);
  void look_again(PollPlan const& plan, TimePoint now);
  void check_price(Task& task, Reserved const& reserved);
  // Each says what is done about it, for the record.
  [[nodiscard]] std::string fall_back(Slot slot, Failure const& failure, TimePoint now);
  [[nodiscard]] std::string next_model(Slot slot, Failure const& failure);
  [[nodiscard]] std::string retry_later(Slot slot, Failure const& failure, Remedy remedy, TimePoint now);
  [[nodiscard]] std::string give_up(Slot slot, TaskOutcome outcome, std::string why);
  bool move_to_next_candidate(Task& task);
  [[nodiscard]] static bool may_do(Lane const& lane, Task const& task);
  void set_poll_timer(Slot slot, TimePoint now);
  void hurry(Slot slot, TimePoint now);

  // Doubt (engine_doubt.cpp).
  void begin_doubt(Slot slot, Failure const& failure, TimePoint now);
  void look_for_evidence(Slot slot, TimePoint now);
  [[nodiscard]] Adopt adoption_of(Task const& task) const;
  void park(Slot slot, TimePoint now);
  void unpark(Task& task);
  void adopt(Slot slot, GatewayTaskId id, TimePoint now);
  void finish_parked_doubts(TimePoint now);
  [[nodiscard]] static Doubt doubt_of(Task const& task, TimePoint now);
  void search(TimePoint now);
  void list_told_nothing(Slot slot, TimePoint now);

  // The bookkeeping all of them share.
  Slot take_in(TaskSpec const& spec);
  void enqueue(Slot slot);
  void unqueue(Slot slot);
  void set_timer(Slot slot, TimePoint at);
  void become(Task& task, Phase phase);
  void left(Task& task, TimePoint now);
  void set_aside(Lane& lane, std::string why);
  void set_aside_for_bill(Task const& task, Credits billed);
  void away_too_long(TimePoint now);
  void stop(TaskOutcome outcome, std::string why);
  void count(TaskOutcome outcome);
  void finish(Slot slot, TaskOutcome outcome, std::string why);
  void check_thresholds();
  void take_back_hold(Task& task);
  void end_probe(Task& task);
  void no_longer_ahead(Task& task);
  [[nodiscard]] bool has_free_slot(Lane const& lane) const;
  void take_slot(Task& task);
  void leave_slot(Task& task);
  void gateway_answered() {
    gateway_breaker_.succeeded();
    away_since_.reset();
  }
  void judge_gateway(Failure const& failure, TimePoint now);
  [[nodiscard]] double reads_per_task() const;

  [[nodiscard]] std::optional<Slot> find(TaskId id) const;
  /// The slot of an event's task, unless the event is about an attempt that is no longer the latest or the
  /// phase is none of these.
  [[nodiscard]] std::optional<Slot> expect(AttemptKey attempt, std::initializer_list<Phase> phases) const;
  [[nodiscard]] static plan::Candidate const& candidate_of(Task const& task) {
    return task.route->route->candidates[task.candidate];
  }
  [[nodiscard]] static Lane& lane_of(Task const& task) { return *task.route->lanes[task.candidate]; }
  [[nodiscard]] static Key key_of(Task const& task) { return {-task.priority, index(task.id)}; }
  [[nodiscard]] static AttemptKey attempt_of(Task const& task) { return {task.id, task.ordinal}; }
  [[nodiscard]] PollPlan& polls_of(Task const& task);
  Lane& lane(ModelId const& model);

  Settings settings_;
  Random random_;
  RunMoney money_;
  RateLimit creates_;
  RateLimit reads_;
  RetryBudget retries_;
  Breaker gateway_breaker_;
  std::optional<TimePoint> away_since_;
  int callbacks_seen_ = 0;
  int callbacks_missed_ = 0;

  std::vector<Task> tasks_;  ///< by slot; slots of ended tasks are used again
  std::vector<Slot> free_slots_;
  std::vector<Slot> slot_of_;  ///< by task id: ids are positions in the run; no_slot: not added, or ended
  HeapPositions positions_;
  std::map<ModelId, std::unique_ptr<Lane>> lanes_;
  std::unordered_map<plan::Route const*, std::unique_ptr<KnownRoute>> routes_;
  std::map<PollKind, std::unique_ptr<PollPlan>> poll_plans_;

  SlotHeap<Key> to_prepare_{positions_};
  SlotHeap<At> timers_{positions_};
  SlotHeap<At> to_read_{positions_};
  SlotHeap<At> to_fetch_{positions_};
  std::vector<std::set<TaskId>> waiting_for_group_;   ///< by group
  std::set<std::pair<TimePoint, TaskId>> deadlines_;  ///< of tasks that wait and have one
  std::set<TaskId> doubts_;                           ///< in_doubt and parked
  std::vector<Doubt> ended_in_doubt_;  ///< while the run goes on: what a list shows may be theirs
  struct Fate {
    TaskOutcome outcome = TaskOutcome::outstanding;
    std::string why;
  };
  std::map<TaskId, std::vector<TaskId>> needs_;  ///< of tasks that have some: most have none
  std::map<TaskId, std::string> names_of_needed_;
  std::map<TaskId, Fate> fates_;                            ///< of needed tasks that have ended
  std::map<TaskId, std::vector<TaskId>> waiting_for_need_;  ///< by what they wait for
  int parked_ = 0;
  bool searching_ = false;
  TimePoint asked_at_{};  ///< when the latest search left
  std::optional<TimePoint> search_at_;
  std::deque<Action> pending_;

  Tally tally_;
  int live_ = 0;
  int waiting_for_needs_ = 0;
  int waiting_ = 0;  ///< waiting_for_need, to_prepare, preparing, ready, waiting_for_group, backing_off
  int in_flight_ = 0;
  int coming_home_ = 0;  ///< to_fetch, fetching, refetch_wait
  int fetching_ = 0;
  int holding_ = 0;  ///< tasks whose hold can be expected to come back or to become a bill
  int prepared_ahead_ = 0;
  bool more_to_load_ = false;
  bool loading_ = false;
  std::optional<Stop> stop_;
  bool paused_ = false;
  bool breached_ = false;
};

}  // namespace callsheet::engine
