#include "orchestrator/forecast/trial.hpp"

#include "orchestrator/forecast/modelled_files.hpp"
#include "orchestrator/forecast/modelled_gateway.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/ledger/memory_ledger.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/run/driver.hpp"
#include "orchestrator/run/recovery.hpp"
#include "orchestrator/run/virtual_time.hpp"

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace callsheet::forecast {

namespace net = boost::asio;

namespace {

constexpr char const* callback_base = "callback/";
/// Far more than any campaign takes: a run that never ends has to be seen, not waited for.
constexpr std::int64_t steps_a_task_most = 20'000;

class Nobody final : public run::Observer {
 public:
  void on(run::News const& /*news*/, TimePoint /*now*/) override {}
};

/// One simulated process.
struct Stage {
  Stage(TrialGround const& ground, std::uint64_t number)
      : random{number},
        time{ground.begin},
        clock{time},
        ledger{ledger::open_memory_ledger(ledger::make_memory_disk())},
        gateway{io.get_executor(),
                ground.gateway,
                {.time = time,
                 .beliefs = ground.beliefs,
                 .random = random,
                 .files = files,
                 .call_back = [this](std::string const& address, GatewayTaskId id) {
                   if (driver && !ending)
                     driver->called_back(address.substr(std::string_view{callback_base}.size()),
                                         std::move(id));
                 }}} {}

  net::io_context io{1};
  engine::Random random;
  run::VirtualTime time;
  run::VirtualClock clock;
  std::unique_ptr<ledger::Ledger> ledger;
  ModelledFiles files;
  ModelledGateway gateway;
  Nobody nobody;
  int tokens = 0;
  std::optional<run::Driver> driver;
  std::optional<Result<run::Ending>> ending;
  std::exception_ptr failure;
};

run::Edges edges_of(Stage& stage) {
  return {.gateway = stage.gateway,
          .ledger = *stage.ledger,
          .files = stage.files,
          .ledger_executor = stage.io.get_executor(),
          .file_executor = stage.io.get_executor(),
          .clock = stage.clock,
          .make_alarm = [&stage](std::function<void()> ring) -> std::unique_ptr<run::Alarm> {
            return std::make_unique<run::VirtualAlarm>(stage.time, stage.clock, std::move(ring));
          },
          .random_token = [&stage] { return fmt::format("token-{}", ++stage.tokens); },
          .observer = stage.nobody};
}

net::awaitable<void> drive(Stage& stage) {
  stage.ending.emplace(co_await stage.driver->run());
}

Result<void> play(Stage& stage, int tasks) {
  net::co_spawn(stage.io, drive(stage),
                [&stage](std::exception_ptr const& thrown) { stage.failure = thrown; });
  auto const work = net::make_work_guard(stage.io);
  std::int64_t const most = steps_a_task_most * (tasks + 1);
  for (std::int64_t steps = 0; !stage.ending && !stage.failure && steps < most; ++steps)
    if (stage.io.poll() == 0 && !stage.time.step()) break;
  if (stage.failure) std::rethrow_exception(stage.failure);
  if (!stage.ending) throw std::logic_error{"a simulated run does not come to an end"};
  if (!*stage.ending) return fail(stage.ending->error());
  return {};
}

/// A clip that was tried once, and not at the quality of the first choice, was made cheaper to fit a cap.
bool is_degraded(ledger::TaskRecord const& task, engine::PollKind const& first_choice) {
  return task.attempts.size() == 1 && task.attempts.front().quality != first_choice.quality;
}

Result<Trial> sum_up(Stage& stage, TrialGround const& ground, RunId const& id) {
  auto const summary = stage.ledger->summary(id);
  if (!summary) return fail(summary.error());
  ledger::TaskCounts const clips = summary->clips();
  Trial trial{.took = stage.time.now() - ground.begin,
              .money = summary->balance,
              .made = clips.made,
              .failed = clips.failed,
              .in_doubt = summary->in_doubt,
              .skipped = clips.skipped,
              .late = summary->late > 0,
              .cap_bound = summary->skipped > summary->late};
  if (ground.settings.budget.when_short != WhenShort::degrade || trial.cap_bound) return trial;
  auto const read =
      ledger::for_each_task(*stage.ledger, id, [&](ledger::TaskRecord const& task) -> Result<void> {
        trial.cap_bound |= is_degraded(task, ground.campaign.first_choices()[index(task.id)]);
        return {};
      });
  if (!read) return fail(read.error());
  return trial;
}

}  // namespace

Campaign::Campaign(plan::PlanTerms terms, std::vector<plan::PlannedTask> const& tasks)
    : terms_{std::move(terms)}, terms_text_{plan::encode_terms(terms_)} {
  std::map<plan::Route const*, std::uint32_t> numbers;
  tasks_.reserve(tasks.size());
  std::set<TaskIdentity> elements;
  for (plan::PlannedTask const& task : tasks)
    if (!makes_clips(task.request.mode)) elements.insert(task.identity);
  for (plan::PlannedTask const& planned : tasks) {
    plan::PlannedTask task = planned;
    // What is made already keeps nobody waiting.
    std::erase_if(task.request.elements, [&](Element const& element) {
      return !element.made_by.empty() && !elements.contains(element.made_by);
    });
    bool const element = elements.contains(task.identity);
    clips_ += element ? 0 : 1;
    auto const [found, fresh] =
        numbers.try_emplace(task.route.get(), static_cast<std::uint32_t>(routes_.size()));
    if (fresh) routes_.push_back(plan::encode_route(*task.route));
    tasks_.push_back({.identity = task.identity,
                      .name = task.name,
                      .take = task.take,
                      .priority = task.priority,
                      .route = found->second,
                      .spec = plan::encode_task(task),
                      .element = element ? std::optional{std::string{}} : std::nullopt});
    plan::Candidate const& first = task.route->candidates.front();
    first_choices_.push_back({.model = first.model,
                              .quality = first.quality,
                              .duration = task.request.duration,
                              .sound = task.request.sound});
  }
}

Result<void> Campaign::write(ledger::Ledger& ledger, RunId const& run, std::string const& gateway,
                             TimePoint now) const {
  auto written = ledger.begin_run(
      {.id = run, .campaign = terms_.campaign, .gateway = gateway, .nonce = "forecast", .started = now});
  if (written) written = ledger.add_routes(run, routes_);
  if (written) written = ledger.add_tasks(run, tasks_);
  if (written) written = ledger.start_run(run, terms_text_, terms_.budget);
  return written;
}

Result<Trial> run_trial(TrialGround const& ground, std::uint64_t number) {
  RunId const id{fmt::format("forecast-{}", number)};
  Stage stage{ground, number};
  if (auto written = ground.campaign.write(*stage.ledger, id, ground.gateway, ground.begin); !written)
    return fail(written.error());
  if (auto kept = stage.ledger->remember_durations(ground.gateway, ground.durations); !kept)
    return fail(kept.error());
  auto state = run::open_run(*stage.ledger, id, ground.begin);
  if (!state) return fail(state.error());
  bool const called_back = ground.settings.callbacks == engine::Callbacks::expected;
  stage.driver.emplace(stage.io.get_executor(), edges_of(stage), *std::move(state), ground.settings,
                       run::CallbackAddress{called_back ? callback_base : ""});
  if (auto played = play(stage, ground.campaign.size()); !played) return fail(played.error());
  return sum_up(stage, ground, id);
}

}  // namespace callsheet::forecast
