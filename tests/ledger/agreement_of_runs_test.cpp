// Random histories of several runs that ask for the same clips, booked by both stores at once: what one run
// is told of the others must be the same from both.

#include "tests/ledger/store_fixture.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include <rapidcheck.h>

using namespace callsheet;
using namespace callsheet::test;

namespace {

constexpr int runs_most = 4;
constexpr std::uint32_t tasks_each = 3;
constexpr int events = 80;
std::string const gateway = "evolink";

RunId run_named(int number) {
  return RunId{"run-" + std::to_string(number)};
}
TimePoint begin_of(int number) {
  return noon + number * 24h;
}
TaskIdentity identity_of(std::uint32_t task) {
  return TaskIdentity{"clip-" + std::to_string(task)};
}

int draw(int below) {
  return *rc::gen::inRange(0, below);
}

/// "0:run-1 2:": tasks, and the runs that are told of.
std::string text(std::vector<LeftTask> const& left) {
  std::string all;
  for (LeftTask const& one : left)
    all += std::to_string(index(one.task)) + ":" + (one.has_it ? one.has_it->str() : "") + " ";
  return all;
}
std::string text(std::vector<Superseded> const& superseded) {
  std::string all;
  for (Superseded const& one : superseded) all += std::to_string(index(one.task)) + ":" + one.by.str() + " ";
  return all;
}

std::vector<TaskId> pending(Ledger& ledger, RunId const& run) {
  auto const cursor = *ledger.pending(run);
  std::vector<TaskId> ids = ids_of(*cursor->with_money_out());
  std::vector<TaskId> const rest = ids_of(*cursor->next(10));
  ids.insert(ids.end(), rest.begin(), rest.end());
  return ids;
}

auto ended(Ledger& ledger, RunId const& run) {
  EndedTasks const all = *ledger.ended_tasks(run);
  Balance balance;
  for (EndedTasks::Money const& money : all.money) balance += money.balance;
  return std::tuple{all.made,     all.mismatched, all.failed,   all.in_doubt,   all.skipped,
                    all.attempts, all.dearer,     balance.held, balance.billed, balance.refund_expected};
}

auto counted(Ledger& ledger, RunId const& run) {
  RunSummary const all = *ledger.summary(run);
  return std::tuple{all.tasks,    all.outstanding, all.made,    all.mismatched, all.reused,     all.failed,
                    all.in_doubt, all.waiting,     all.skipped, all.withdrawn,  all.waiting_for};
}

std::vector<std::pair<ModelId, TimePoint>> undecided(Ledger& ledger) {
  std::vector<std::pair<ModelId, TimePoint>> all;
  std::vector<Undecided> const others = *ledger.undecided(gateway, run_named(0));
  for (Undecided const& one : others) all.emplace_back(one.model, one.submitted);
  std::sort(all.begin(), all.end());
  return all;
}

/// All that is said of a clip.
std::string known(Ledger& ledger, TaskIdentity const& identity, Clips clips) {
  std::optional<KnownClip> const one = ledger.find_clips(gateway, {identity}, clips)->front();
  if (!one) return "";
  return one->origin.run.str() + " " + one->origin.model.str() + " " +
         std::string{to_string(one->origin.quality)} + " " + one->task + " " +
         std::string{to_string(one->outcome)} + " " + (one->clip ? one->clip->path : "no clip") + " " +
         one->identity.str();
}

/// Both stores, and everything that is asked of them.
class Pair {
 public:
  void begin_next() {
    bool const retakes = draw(3) == 0;
    bool const other_prompts = draw(2) == 0;
    NewRun const run{.id = run_named(begun_),
                     .campaign = draw(4) == 0 ? "autumn" : "spring",
                     .gateway = gateway,
                     .nonce = "n",
                     .started = begin_of(begun_)};
    std::vector<NewTask> tasks;
    for (std::uint32_t task = 0; task < tasks_each; ++task) {
      NewTask row{.identity = identity_of(task), .name = "t" + std::to_string(task), .spec = "{}"};
      if (retakes) row.stands_for = row.identity;
      if (retakes && other_prompts) row.identity = TaskIdentity{row.identity.str() + "-" + run.id.str()};
      tasks.push_back(std::move(row));
    }
    for (Ledger* const ledger : both()) {
      RC_ASSERT(ledger->begin_run(run).has_value());
      RC_ASSERT(ledger->add_routes(run.id, {"{}"}).has_value());
      RC_ASSERT(ledger->add_tasks(run.id, tasks).has_value());
      RC_ASSERT(ledger->start_run(run.id, "{}", cap_of(Credits::whole(1000))).has_value());
    }
    ++begun_;
  }

  /// Something that may happen to one task of one run.
  void go_on(TimePoint at) {
    RunId const run = run_named(draw(begun_));
    TaskId const task{static_cast<std::uint32_t>(draw(static_cast<int>(tasks_each)))};
    TaskRecord const now = sqlite_->tasks(run, task, 1)->front();
    if (now.attempts.empty() || is_over(now.attempts.back().state))
      without_money(run, now, at);
    else if (now.attempts.back().state == AttemptState::finished)
      bring_home(run, now, at);
    else
      with_money(run, now, at);
  }

  [[nodiscard]] int begun() const { return begun_; }

  void check_agreement() {
    RC_ASSERT(*sqlite_->position() == *memory_->position());
    for (int number = 0; number < begun_; ++number) check_run(run_named(number));
    for (std::uint32_t task = 0; task < tasks_each; ++task)
      for (Clips const clips : {Clips::made_or_paid, Clips::paid, Clips::latest})
        RC_ASSERT(known(*sqlite_, identity_of(task), clips) == known(*memory_, identity_of(task), clips));
    check_gateway();
  }

 private:
  static bool is_over(AttemptState state) {
    return state == AttemptState::failed || state == AttemptState::refused;
  }

  std::array<Ledger*, 2> both() { return {sqlite_.get(), memory_.get()}; }

  void record(RunId const& run, Record const& record) {
    Receipt const one = commit(*sqlite_, record, run);
    Receipt const other = commit(*memory_, record, run);
    RC_ASSERT(one.granted == other.granted);
  }

  void without_money(RunId const& run, TaskRecord const& task, TimePoint at) {
    bool const waits = task.outcome == TaskOutcome::waiting || task.outcome == TaskOutcome::in_doubt;
    if (task.outcome != TaskOutcome::outstanding && !waits) return;
    auto const end = [&](TaskOutcome outcome, std::optional<Origin> made_by = {}) {
      record(run,
             TaskEnded{
                 .task = task.id, .outcome = outcome, .why = "why", .at = at, .made_by = std::move(made_by)});
    };
    Origin const other{.run = run_named(draw(begun_)), .model = ModelId{"n"}, .quality = Quality::p1080};
    if (waits) return draw(2) == 0 ? end(TaskOutcome::outstanding) : end(TaskOutcome::reused, other);
    switch (draw(8)) {
      case 0:
        return end(TaskOutcome::waiting, Origin{.run = other.run, .model = {}});
      case 1:
        return end(TaskOutcome::in_doubt);
      case 2:
        return end(draw(2) == 0 ? TaskOutcome::failed : TaskOutcome::skipped);
      default:
        break;
    }
    Intent hold = intent({task.id, static_cast<std::uint32_t>(task.attempts.size() + 1)},
                         Credits::from_units(1 + draw(50'000)), at);
    hold.model = ModelId{"m" + std::to_string(draw(2))};
    if (draw(2) == 0) hold.known_until = *sqlite_->position();
    record(run, hold);
  }

  void with_money(RunId const& run, TaskRecord const& task, TimePoint at) {
    AttemptRecord const& attempt = task.attempts.back();
    int const what = draw(4);
    if (attempt.state == AttemptState::running) {
      if (what == 0)
        return record(run, FailureBooked{.attempt = attempt.key,
                                         .failure = failure,
                                         .refund_seen = draw(2) == 0,
                                         .then = "",
                                         .at = at});
      return record(run,
                    Settled{.attempt = attempt.key, .billed = attempt.most, .by = BilledBy::told, .at = at});
    }
    if (what == 0)
      return record(run, Released{.attempt = attempt.key, .failure = failure, .then = "", .at = at});
    if (what == 1 && attempt.state == AttemptState::submitting)
      return record(run, Doubted{.attempt = attempt.key, .failure = failure, .at = at});
    if (what == 1 && task.outcome == TaskOutcome::outstanding)
      return record(run,
                    TaskEnded{.task = task.id, .outcome = TaskOutcome::in_doubt, .why = "why", .at = at});
    record(run, IdReceived{.attempt = attempt.key,
                           .id = GatewayTaskId{"task-" + std::to_string(draw(12))},
                           .at = at,
                           .source = draw(2) == 0 ? IdSource::found : IdSource::answer});
  }

  void bring_home(RunId const& run, TaskRecord const& task, TimePoint at) {
    if (task.outcome != TaskOutcome::outstanding) return;
    ClipRecord const clip{.path = "/none/" + run.str() + to_string(task.attempts.back().key),
                          .size_bytes = 9,
                          .width = 2,
                          .height = 2,
                          .length = 3s};
    record(run, ClipStored{task.id, clip});
    record(run, TaskEnded{.task = task.id,
                          .outcome = draw(3) == 0 ? TaskOutcome::mismatched : TaskOutcome::made,
                          .why = "",
                          .at = at});
  }

  void check_run(RunId const& run) {
    RC_ASSERT(text(*sqlite_->left_to_others(run)) == text(*memory_->left_to_others(run)));
    RC_ASSERT(text(*sqlite_->superseded(run)) == text(*memory_->superseded(run)));
    RC_ASSERT(pending(*sqlite_, run) == pending(*memory_, run));
    RC_ASSERT(ended(*sqlite_, run) == ended(*memory_, run));
    RC_ASSERT(counted(*sqlite_, run) == counted(*memory_, run));
    RC_ASSERT(ids_of(sqlite_->under_way(run, 2)->tasks) == ids_of(memory_->under_way(run, 2)->tasks));
    RC_ASSERT(ids_of(*sqlite_->latest_ends(run, 2)) == ids_of(*memory_->latest_ends(run, 2)));
    for (std::uint32_t task = 0; task < tasks_each; ++task)
      RC_ASSERT(sqlite_->find_task(run, identity_of(task))->has_value() ==
                memory_->find_task(run, identity_of(task))->has_value());
  }

  void check_gateway() {
    std::vector<GatewayTaskId> ids;
    for (int id = 0; id < 12; ++id) ids.emplace_back("task-" + std::to_string(id));
    RC_ASSERT(*sqlite_->known_ids(gateway, ids, noon) == *memory_->known_ids(gateway, ids, noon));
    RC_ASSERT(undecided(*sqlite_) == undecided(*memory_));
    TimePoint const since = noon + 10h;
    TimePoint const now = noon + 40h;
    auto const creates = [&](Ledger& ledger) {
      auto all = *ledger.creates_since(gateway, since, now);
      std::sort(all.begin(), all.end());
      return all;
    };
    RC_ASSERT(creates(*sqlite_) == creates(*memory_));
    RC_ASSERT(*sqlite_->attempt_tallies(gateway, since) == *memory_->attempt_tallies(gateway, since));
  }

  std::unique_ptr<Ledger> sqlite_ = *open_sqlite_ledger(":memory:", Access::read_write);
  std::unique_ptr<Ledger> memory_ = open_memory_ledger(make_memory_disk());
  int begun_ = 0;
};

}  // namespace

TEST_CASE("ledger: two stores tell a run the same of the others, in any history of several runs") {
  CHECK(rc::check([] {
    Pair stores;
    stores.begin_next();
    for (int step = 0; step < events; ++step) {
      if (stores.begun() < runs_most && draw(20) == 0) stores.begin_next();
      stores.go_on(noon + step * 30min);
      if (step % 8 == 0) stores.check_agreement();
    }
    stores.check_agreement();
  }));
}
