#include "tests/sim/world.hpp"

#include "orchestrator/core/overloaded.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "tests/sim/ledger_desk.hpp"
#include "tests/sim/sim_prices.hpp"

#include <algorithm>
#include <exception>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>

namespace callsheet::sim {

namespace net = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int steps_most = 200'000;
constexpr int sessions_most = 40;
constexpr char const* callback_base = "https://hooks.example/";

}  // namespace

/// The real booking, and the places where a process can die or a disk be full.
class World::WatchedLedger final : public ledger::Ledger {
 public:
  WatchedLedger(World& world, std::unique_ptr<ledger::Ledger> inner)
      : world_{world}, inner_{std::move(inner)} {}

  Result<std::vector<ledger::Receipt>> commit(RunId const& run,
                                              std::vector<ledger::Record> const& records) override {
    world_.touch("commit begins");
    world_.rival_acts(10);
    if (world_.dice_.chance(world_.weather_.failed_commits))
      world_.commits_fail_until_ = world_.time_.now() + world_.dice_.between(1s, 40s);
    if (world_.time_.now() < world_.commits_fail_until_) {
      world_.met("a commit fails");
      return fail(Code::ledger_unavailable, "the disk is full");
    }
    auto receipts = inner_->commit(run, records);
    if (!receipts) return receipts;
    for (std::size_t i = 0; i < records.size(); ++i) {
      world_.note(fmt::format("committed {}{}{}", records[i].index(),
                              attempt_of(records[i]) ? " " + to_string(*attempt_of(records[i])) : "",
                              (*receipts)[i].granted ? "" : " refused: " + (*receipts)[i].why));
      world_.laws_.committed(records[i], (*receipts)[i]);
      if (auto const* const intent = std::get_if<ledger::Intent>(&records[i]);
          intent != nullptr && (*receipts)[i].granted && world_.rival_has(intent->attempt.task))
        world_.laws_.breach("law 2: what the rival has is bought");
      world_.count(records[i], (*receipts)[i]);
    }
    world_.touch("commit is durable");
    return receipts;
  }

  Result<std::unique_ptr<ledger::Lease>> lease(std::string const& c) override { return inner_->lease(c); }
  Result<void> begin_run(ledger::NewRun const& r) override { return inner_->begin_run(r); }
  Result<void> add_routes(RunId const& r, std::vector<std::string> const& t) override {
    return inner_->add_routes(r, t);
  }
  Result<void> add_tasks(RunId const& r, std::vector<ledger::NewTask> const& t) override {
    return inner_->add_tasks(r, t);
  }
  Result<void> start_run(RunId const& r, std::string const& s, Budget const& b) override {
    return inner_->start_run(r, s, b);
  }
  Result<std::unique_ptr<Pending>> pending(RunId const& r) override { return inner_->pending(r); }
  Result<ledger::EndedTasks> ended_tasks(RunId const& r) override { return inner_->ended_tasks(r); }
  Result<std::vector<ledger::RunSummary>> runs(int most) override { return inner_->runs(most); }
  Result<std::vector<std::string>> later_settings(RunId const& r) override {
    return inner_->later_settings(r);
  }
  Result<ledger::RunSummary> summary(RunId const& r) override { return inner_->summary(r); }
  Result<ledger::RunRecord> run(RunId const& r) override { return inner_->run(r); }
  Result<std::vector<ledger::TaskRecord>> tasks(RunId const& r, TaskId f, std::size_t m) override {
    return inner_->tasks(r, f, m);
  }
  Result<void> at_one_moment(std::function<Result<void>()> const& reading) override {
    return inner_->at_one_moment(reading);
  }
  Result<std::optional<ledger::TaskRecord>> find_task(RunId const& r, TaskIdentity const& identity) override {
    return inner_->find_task(r, identity);
  }
  Result<std::vector<ledger::ElementTask>> elements(RunId const& r) override { return inner_->elements(r); }
  Result<ledger::UnderWay> under_way(RunId const& r, std::size_t m) override {
    return inner_->under_way(r, m);
  }
  Result<std::vector<ledger::TaskRecord>> latest_ends(RunId const& r, std::size_t m) override {
    return inner_->latest_ends(r, m);
  }
  Result<std::vector<ledger::TaskRecord>> find_tasks(RunId const& r, std::string const& n) override {
    return inner_->find_tasks(r, n);
  }
  Result<std::vector<ledger::Entry>> entries(RunId const& r, std::optional<TaskId> t) override {
    return inner_->entries(r, t);
  }
  Result<std::int64_t> position() override { return inner_->position(); }
  Result<std::vector<ledger::Superseded>> superseded(RunId const& r) override {
    return inner_->superseded(r);
  }
  Result<std::vector<ledger::LeftTask>> left_to_others(RunId const& r) override {
    return inner_->left_to_others(r);
  }
  Result<std::vector<std::optional<ledger::KnownClip>>> find_clips(std::string const& g,
                                                                   std::vector<TaskIdentity> const& i,
                                                                   ledger::Clips c) override {
    return inner_->find_clips(g, i, c);
  }
  Result<std::vector<bool>> known_ids(std::string const& g, std::vector<GatewayTaskId> const& i,
                                      TimePoint s) override {
    return inner_->known_ids(g, i, s);
  }
  Result<std::vector<ledger::Undecided>> undecided(std::string const& g, RunId const& e) override {
    return inner_->undecided(g, e);
  }
  Result<std::vector<std::pair<ModelId, TimePoint>>> creates_since(std::string const& g, TimePoint s,
                                                                   TimePoint n) override {
    return inner_->creates_since(g, s, n);
  }
  Result<std::vector<ledger::AttemptTally>> attempt_tallies(std::string const& g, TimePoint s) override {
    return inner_->attempt_tallies(g, s);
  }
  Result<std::optional<ledger::Upload>> find_upload(std::string const& g, ContentDigest const& c) override {
    return inner_->find_upload(g, c);
  }
  Result<void> remember_upload(std::string const& g, ContentDigest const& c,
                               ledger::Upload const& u) override {
    return inner_->remember_upload(g, c, u);
  }
  Result<bool> idempotency_seen(std::string const& g) override { return inner_->idempotency_seen(g); }
  Result<void> remember_idempotency(std::string const& g) override { return inner_->remember_idempotency(g); }
  Result<void> remember_balance(std::string const& g, ledger::BalanceSeen const& s) override {
    return inner_->remember_balance(g, s);
  }
  Result<Credits> committed_on_day(std::string const& g, TimePoint at) override {
    return inner_->committed_on_day(g, at);
  }
  Result<std::vector<ledger::BalanceSeen>> balances(std::string const& g) override {
    return inner_->balances(g);
  }
  Result<void> remember_durations(std::string const& g,
                                  std::vector<ledger::DurationHistory> const& h) override {
    return inner_->remember_durations(g, h);
  }
  Result<std::vector<ledger::DurationHistory>> durations(std::string const& g) override {
    return inner_->durations(g);
  }

 private:
  World& world_;
  std::unique_ptr<ledger::Ledger> inner_;
};

class World::Silence final : public run::Observer {
 public:
  void on(run::News const& /*news*/, TimePoint /*now*/) override {}
};

/// One life of the program. Its memory goes with it.
struct World::Process {
  Process(World& world, Duration clock_off)
      : desk{std::make_shared<LedgerDesk>(
            world.time_, io, [&world] { return world.dice_.between(0s, world.weather_.commit_time); })},
        clock{world.time_, clock_off},
        ledger{world, ledger::open_memory_ledger(world.disk_)},
        gateway{io.get_executor(),
                {.time = world.time_,
                 .dice = world.dice_,
                 .weather = world.weather_,
                 .model = world.model_,
                 .files = world.files_,
                 .watch = world.watch_,
                 .outage = [&world] { return world.within(world.outages_); },
                 .storm = [&world] { return world.within(world.storms_); },
                 .client_ahead = clock_off}} {}

  net::io_context io{1};
  std::shared_ptr<LedgerDesk> desk;
  run::VirtualClock clock;
  WatchedLedger ledger;
  SimGateway gateway;
  Silence silence;
  std::optional<run::Driver> driver;
  std::optional<Result<run::Ending>> ending;
  std::exception_ptr failure;
};

World::World(std::uint64_t seed)
    : seed_{seed},
      dice_{seed},
      rival_dice_{seed ^ 0x51A1},
      pause_dice_{seed ^ 0xBA5E},
      drawn_{draw_weather(dice_)},
      weather_{drawn_},
      model_{time_, dice_, weather_,
             [this](std::string const& model, std::string const& quality, int seconds) {
               Credits const price = price_of(model, quality, seconds);
               if (model != dear_model_) return price;
               return Credits::from_units(price.units() * (100 + drawn_.price_off_percent) / 100);
             }},
      files_{dice_, weather_, [this](char const* what) { touch(what); }},
      laws_{time_, model_} {
  drawn_.rival = weather_.rival = rival_dice_.chance(25);
  if (pause_dice_.chance(25)) drawn_.pauses = weather_.pauses = pause_dice_.pick(5, 60);
  draw();
  if (dice_.chance(25)) draw_elements();
  write_campaign();
}

World::~World() = default;

engine::Settings World::settings() const {
  engine::Settings settings = base_;
  auto const ledger = ledger::open_memory_ledger(disk_);
  if (*ledger->idempotency_seen("sim")) settings.idempotency = Idempotency::honoured;
  return settings;
}

bool World::within(std::vector<std::pair<TimePoint, TimePoint>> const& times) const {
  return std::any_of(times.begin(), times.end(),
                     [&](auto const& one) { return one.first <= time_.now() && time_.now() < one.second; });
}

void World::note(std::string line) {
  trace_ += fmt::format("{:>12} {}\n", (time_.now() - simulated_start).count(), line);
}

void World::met(std::string const& what) {
  note(what);
  ++encounters_[what];
}

void World::touch(char const* what) {
  elsewhere(what);
  if (died_) throw ProcessDied{};
}

void World::elsewhere(char const* what) {
  note(what);
  ++steps_;
  if (steps_to_death_ && --*steps_to_death_ <= 0) died_ = true;
}

/// What of the protocol was really used: a simulation that never doubts proves nothing about doubt.
void World::count(ledger::Record const& record, ledger::Receipt const& receipt) {
  auto const meet = [&](char const* what) { ++encounters_[what]; };
  std::visit(
      Overloaded{
          [&](ledger::Intent const& r) {
            if (receipt.granted)
              return meet(r.attempt.ordinal > 1 ? "a task is tried again" : "a hold is granted");
            constexpr char const* caps[] = {"the run's cap refuses", "the day's cap refuses",
                                            "a group's cap refuses", "a task's cap refuses",
                                            "the store refuses"};
            meet(receipt.cap ? caps[static_cast<int>(*receipt.cap)] : "another run has it");
          },
          [&](ledger::IdReceived const& r) {
            if (r.source == ledger::IdSource::found)
              meet(receipt.granted ? "a doubt is adopted" : "an id is taken");
          },
          [&](ledger::HoldRaised const&) { meet("a hold is raised"); },
          [&](ledger::Settled const& r) {
            if (r.by == BilledBy::told) meet("a bill is told");
            if (r.by == BilledBy::request) meet("a bill follows from the request");
            if (r.by == BilledBy::length) meet("a bill follows from the length");
          },
          [&](ledger::Released const& r) {
            meet(r.failure.message.find("task list") != std::string::npos ? "a list proves absence"
                                                                          : "a hold is released");
          },
          [&](ledger::FailureBooked const& r) {
            meet(r.charged       ? "a failed task is charged"
                 : r.refund_seen ? "a refund is seen"
                                 : "a refund is expected");
          },
          [&](ledger::Doubted const&) { meet("an attempt is in doubt"); },
          [&](ledger::Noted const&) { meet("a model is set aside"); },
          [&](ledger::ElementMade const&) { meet("an element is made"); },
          [&](ledger::RestEnded const&) { meet("the rest is ended"); },
          [&](ledger::TaskEnded const& r) {
            if (r.outcome == TaskOutcome::outstanding) meet("a task is left outstanding");
            if (r.outcome == TaskOutcome::skipped)
              meet(r.why.starts_with(past_deadline) ? "a deadline leaves a task out" : "a task is skipped");
            if (r.why.starts_with("the element ")) meet("a task ends with what it needs");
            if (r.outcome == TaskOutcome::in_doubt) meet("a task ends in doubt");
          },
          [](auto const&) {},
      },
      record);
}

bool World::rival_has(TaskId task) const {
  return rival_ && rival_->has(tasks_[index(task)].identity);
}

void World::rival_acts(int chance) {
  if (!rival_ || !weather_.rival || !rival_dice_.chance(chance)) return;
  auto const got = rival_->act(rival_dice_, time_.now());
  if (!got) return;
  met("the rival is first");
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    if (tasks_[i].identity == rival_->wants(*got) && laws_.has(static_cast<std::uint32_t>(i)))
      laws_.breach("law 2: the rival buys what the campaign has");
}

void World::on_task_ended(GatewayModel::Task const& task) {
  note(
      fmt::format("{} ends {}", task.id, task.state == GatewayModel::State::failed ? "failed" : "completed"));
  laws_.task_ended(task);
  if (task.order.callback_url.empty() || dice_.chance(weather_.lost_callbacks)) return;
  // As documented: at most three more after 1, 2 and 4 seconds; and boxes on the way may repeat them.
  int const times = 1 + (dice_.chance(20) ? 1 : 0);
  for (int i = 0; i < times; ++i)
    time_.at(time_.now() + dice_.between(0s, 4s) + i * 1s,
             [this, url = task.order.callback_url, id = task.id] { deliver_callback(url, id); });
}

void World::deliver_callback(std::string const& url, std::string const& id) {
  if (process_ == nullptr || !process_->driver) return;
  note("callback for " + id);
  process_->driver->called_back(url.substr(std::string_view{callback_base}.size()), GatewayTaskId{id});
}

/// Whoever does not know a token can say what he likes; whoever has seen one (a proxy's log, say) can repeat
/// a callback, or name what is not there.
void World::forge_callback() {
  bool const has_seen_one = dice_.chance(50) && tokens_ > 0;
  GatewayTaskId const id{
      fmt::format("task-unified-{}", has_seen_one ? dice_.pick(900, 999) : dice_.pick(1, 60))};
  process_->driver->called_back(has_seen_one ? fmt::format("token-{}", dice_.pick(1, tokens_)) : "guessed",
                                id);
}

void World::pause_for_a_while() {
  process_->driver->pause();
  time_.at(time_.now() + pause_dice_.between(1s, 40min), [this] {
    if (process_ != nullptr && process_->driver) process_->driver->go_on();
  });
}

void World::watch_pause() {
  engine::Engine const& engine = process_->driver->engine();
  if (std::exchange(paused_, engine.paused()) == engine.paused()) return;
  if (paused_) met("the run is paused");
  laws_.paused(paused_ ? std::optional{engine.standing().in_flight} : std::nullopt);
}

World::Ended World::run_process(std::optional<int> dies_after_steps) {
  died_ = false;
  steps_to_death_ = dies_after_steps;
  Process process{*this, clock_off_};
  process_ = &process;
  laws_.process_begins();
  paused_ = false;
  Ended ended = Ended::stuck;
  try {
    auto state = run::open_run(process.ledger, run_, process.clock.now());
    if (!state) {
      laws_.breach("the run cannot be read back: " + state.error().what);
      process_ = nullptr;
      return Ended::stuck;
    }
    bool const asks_first =
        dice_.chance(80);  // the balance, as `run` does: it also tells the gateway's clock
    process.driver.emplace(
        process.io.get_executor(),
        run::Edges{.gateway = process.gateway,
                   .ledger = process.ledger,
                   .files = files_,
                   .ledger_executor = process.desk->executor(),
                   .file_executor = process.io.get_executor(),
                   .clock = process.clock,
                   .make_alarm = [this, &process](std::function<void()> ring) -> std::unique_ptr<run::Alarm> {
                     return std::make_unique<run::VirtualAlarm>(time_, process.clock, std::move(ring));
                   },
                   .random_token = [this] { return fmt::format("token-{}", ++tokens_); },
                   .observer = process.silence},
        *std::move(state), settings(),
        run::CallbackAddress{drawn_.callbacks == engine::Callbacks::expected ? callback_base : ""});
    auto whole = [](Process& p, bool asks) -> net::awaitable<void> {
      if (asks) static_cast<void>(co_await p.gateway.balance());
      p.ending.emplace(co_await p.driver->run());
    };
    net::co_spawn(process.io, whole(process, asks_first),
                  [&process](std::exception_ptr thrown) { process.failure = thrown; });
    auto const work = net::make_work_guard(process.io);
    while (steps_ < steps_most && !died_ && !process.ending && !process.failure && laws_.breaches().empty()) {
      watch_pause();
      if (process.io.poll_one() > 0) continue;
      if (pause_dice_.chance(1) && pause_dice_.chance(weather_.pauses)) pause_for_a_while();
      if (dice_.chance(1) && dice_.chance(weather_.stops)) process.driver->drain("somebody pressed Ctrl-C");
      if (dice_.chance(1) && dice_.chance(weather_.forged_callbacks)) forge_callback();
      if (weather_.others_use_the_account && dice_.chance(2))
        model_.create_foreign({.model = "model-0",
                               .quality = "1080p",
                               .seconds = dice_.pick(3, 8),
                               .prompt = "foreign",
                               .key = {},
                               .callback_url = {}});
      rival_acts(1);
      if (!time_.step()) break;
    }
  } catch (...) {
    // Several of its coroutines may meet the end in the same turn.
    if (!died_) throw;
  }
  process_ = nullptr;
  if (died_) {
    ended = Ended::died;
    met("the process dies");
    laws_.process_died();
  } else if (process.ending) {
    if (*process.ending)
      ended = Ended::finished;
    else
      ended = process.ending->error().code == Code::ledger_unavailable ? Ended::died : Ended::stuck;
  } else if (process.failure) {
    laws_.breach("the driver threw");
  } else if (laws_.breaches().empty()) {
    laws_.breach(steps_ < steps_most ? "the run waits for nothing and has not ended"
                                     : "the run does not end");
  }
  steps_to_death_.reset();
  died_ = false;
  return ended;
}

void World::run() {
  for (int life = 0; life <= drawn_.crashes && laws_.breaches().empty(); ++life) {
    std::optional<int> dies;
    if (life < drawn_.crashes) dies = dice_.pick(1, 30 * static_cast<int>(tasks_.size()));
    if (run_process(dies) == Ended::finished && life < drawn_.crashes && dice_.chance(70)) break;
    note("---- the next life");
    TimePoint const again = time_.now() + dice_.between(1s, 30min);
    bool there = false;
    time_.at(again, [&] { there = true; });
    while (!there && time_.step()) {
    }
    if (drawn_.clock_steps) clock_off_ = dice_.between(-3h, 3h);
  }
  if (laws_.breaches().empty()) settle_up();
}

int World::outstanding_for_ever() const {
  auto const ledger = ledger::open_memory_ledger(disk_);
  auto const elements_made = ledger->elements(run_);
  auto const tasks = ledger->tasks(run_, TaskId{0}, tasks_.size());
  std::set<TaskIdentity> in_doubt;
  for (ledger::ElementTask const& element : *elements_made)
    if (element.outcome == TaskOutcome::in_doubt || rival_has(element.task))
      in_doubt.insert(element.identity);
  int count = 0;
  for (ledger::TaskRecord const& task : *tasks) {
    auto const& elements = tasks_[index(task.id)].request.elements;
    bool const waits = std::any_of(elements.begin(), elements.end(),
                                   [&](Element const& one) { return in_doubt.contains(one.made_by); });
    if (task.outcome == TaskOutcome::outstanding && !waits && !rival_has(task.id)) ++count;
  }
  return count;
}

/// No trouble any more: in the end, all that can be known has to be known, and agree.
void World::settle_up() {
  note("---- the trouble is over");
  Weather calm;
  calm.latency = 50ms;
  calm.idempotent = drawn_.idempotent;
  calm.announces = drawn_.announces;
  calm.tells_charge = drawn_.tells_charge;
  calm.refunds_failed = drawn_.refunds_failed;
  calm.told_in = drawn_.told_in;
  calm.price_off_percent = drawn_.price_off_percent;
  calm.listing = drawn_.listing;
  weather_ = calm;
  outages_.clear();
  storms_.clear();
  commits_fail_until_ = TimePoint::min();
  model_.calm_down();
  if (rival_) rival_->settle(rival_dice_, time_.now());
  weather_.rival = false;
  auto const ledger = ledger::open_memory_ledger(disk_);
  for (int session = 0; session < sessions_most && laws_.breaches().empty(); ++session) {
    if (run_process(std::nullopt) != Ended::finished) break;
    if (ledger->summary(run_)->outstanding == 0 || (rival_ && outstanding_for_ever() == 0)) break;
    // What takes for hours is collected later.
    bool there = false;
    time_.at(time_.now() + 1h, [&] { there = true; });
    while (!there && time_.step()) {
    }
  }
  if (!laws_.breaches().empty()) return;
  auto const summary = *ledger->summary(run_);
  bool const stopped = !base_.thresholds.empty();
  int const left_over = summary.outstanding > 0 && !stopped ? outstanding_for_ever() : 0;
  if (left_over > 0) laws_.breach(fmt::format("{} tasks are outstanding for ever", left_over));
  Laws::End end{
      .files = files_,
      .prompts = {},
      .balance = summary.balance,
      .charges_known = drawn_.price_off_percent == 0 || drawn_.tells_charge,
      .refunds_known = drawn_.price_off_percent == 0 && (drawn_.tells_charge || !drawn_.refunds_failed)};
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    end.prompts[static_cast<std::uint32_t>(i)] = tasks_[i].request.prompt;
  laws_.ended(end);
}

}  // namespace callsheet::sim
