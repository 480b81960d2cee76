// What each campaign is drawn from its seed: limits, tasks and their prices, deadlines, bad times. The order
// of the draws is what a seed means.

#include "orchestrator/core/digest.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "tests/sim/sim_prices.hpp"
#include "tests/sim/world.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace callsheet::sim {

using namespace std::chrono_literals;

namespace {

plan::Candidate candidate_of(int model, Quality quality, int seconds, bool by_length) {
  std::string const name = fmt::format("{}-{}", by_length ? "by-length" : "model", model);
  std::string const at{to_string(quality)};
  plan::Candidate candidate{.model = ModelId{name},
                            .quality = quality,
                            .expected = price_of(name, at, seconds),
                            .most = price_of(name, at, seconds)};
  if (by_length) {
    candidate.most = price_of(name, at, seconds + 1);
    candidate.actual = plan::ActualRate{.base_per_second = Credits::from_units(54'000 + model * 9'001),
                                        .factor = quality == Quality::p1080 ? 13'340 : 10'000,
                                        .minimum = {}};
  }
  return candidate;
}

}  // namespace

void World::draw() {
  draw_settings();
  draw_tasks();
  draw_deadlines();
  draw_bad_times(outages_, drawn_.outages);
  draw_bad_times(storms_, drawn_.storms);
}

void World::draw_settings() {
  engine::Settings& settings = base_;
  settings.limits.in_flight = dice_.pick(1, 12);
  if (dice_.chance(60))
    settings.limits.rate =
        Rate{.count = dice_.pick(1, 20), .window = std::chrono::milliseconds{dice_.pick(1'000, 60'000)}};
  for (int model = 0; model < 3; ++model) {
    if (!dice_.chance(25)) continue;
    ModelLimits limits;
    if (dice_.chance(60)) limits.in_flight = dice_.pick(1, 6);
    if (dice_.chance(60))
      limits.rate =
          Rate{.count = dice_.pick(1, 10), .window = std::chrono::milliseconds{dice_.pick(1'000, 30'000)}};
    settings.limits.models[ModelId{fmt::format("model-{}", model)}] = limits;
  }
  if (dice_.chance(40)) settings.reads = Rate{.count = dice_.pick(2, 20), .window = 1s};
  settings.budget.cap = Credits::whole(dice_.pick(20, 1'500));
  if (dice_.chance(30)) settings.budget.per_task = Credits::whole(dice_.pick(30, 90));
  if (dice_.chance(20)) settings.budget.daily = Credits::whole(dice_.pick(20, 800));
  settings.budget.when_short = static_cast<WhenShort>(dice_.pick(0, 2));
  if (dice_.chance(25))
    for (char const* value : {"de", "en"})
      settings.budget.groups.push_back(
          {.axis = "locale", .value = value, .cap = Credits::whole(dice_.pick(20, 400))});
  settings.listing = drawn_.listing;
  settings.callbacks = drawn_.callbacks;
  settings.refused_content = dice_.chance(20) ? RefusedContent::next_model : RefusedContent::give_up;
  settings.backlog = static_cast<std::size_t>(dice_.pick(1, 30));
  settings.polls = {.least = 1s, .most = 60s};
  if (dice_.chance(15)) {
    std::string ignored;
    settings.thresholds.push_back(*parse_threshold("failed_ratio < 0.3", ignored));
  }
  if (drawn_.idempotent && dice_.chance(40)) settings.idempotency = Idempotency::honoured;
  if (drawn_.price_off_percent != 0) dear_model_ = fmt::format("model-{}", dice_.pick(0, 2));
}

void World::draw_tasks() {
  int const models = dice_.pick(1, 3);
  bool const by_length = dice_.chance(15);
  int const count = dice_.pick(1, 40);
  for (int i = 0; i < count; ++i) {
    plan::PlannedTask task = draw_task(i);
    plan::Route route;
    int const seconds = static_cast<int>(task.request.duration.count());
    for (Quality const quality : task.ladder)
      for (int model = 0; model < models; ++model)
        route.candidates.push_back(candidate_of(model, quality, seconds, by_length));
    auto const known =
        std::find_if(routes_.begin(), routes_.end(), [&](auto const& one) { return *one == route; });
    route_of_.push_back(static_cast<std::size_t>(known - routes_.begin()));
    if (known == routes_.end()) routes_.push_back(std::make_shared<plan::Route const>(route));
    tasks_.push_back(std::move(task));
    if (dice_.chance(drawn_.foreign_files))
      files_.files[fmt::format("/out/task-{}.mp4", i)] = {.content = SimFiles::foreign, .length = 5s};
  }
}

plan::PlannedTask World::draw_task(int i) {
  plan::PlannedTask task;
  task.name = fmt::format("task-{}", i);
  task.priority = dice_.pick(0, 2);
  task.request.prompt = fmt::format("scene {}", i);
  task.request.duration = std::chrono::seconds{dice_.pick(3, 8)};
  task.request.quality = Quality::p1080;
  task.ladder = {Quality::p1080, Quality::p720};
  task.identity = TaskIdentity{task.request.prompt};
  task.output = fmt::format("{}.mp4", task.name);
  if (dice_.chance(40))
    task.request.image_start = MediaInput{.kind = MediaInput::Kind::file,
                                          .location = fmt::format("/in/{}", i % 5),
                                          .digest = ContentDigest{sha256_hex(fmt::format("/in/{}", i % 5))}};
  if (!base_.budget.groups.empty() && dice_.chance(80)) {
    task.groups.indexes[0] = static_cast<std::uint16_t>(i % 2);
    task.groups.size = 1;
  }
  return task;
}

void World::draw_deadlines() {
  // Short enough to bind in many campaigns.
  auto const some_deadline = [this] {
    Duration const after = dice_.between(10s, 40min);
    if (dice_.chance(50))
      return Deadline{.at = {}, .after = std::chrono::duration_cast<std::chrono::seconds>(after)};
    return Deadline{.at = std::chrono::floor<std::chrono::seconds>(time_.now() + after), .after = {}};
  };
  if (dice_.chance(15)) terms_.deadline = some_deadline();
  if (dice_.chance(15))
    for (plan::PlannedTask& task : tasks_)
      if (dice_.chance(50)) task.deadline = some_deadline();
}

/// `chance_an_hour`: in percent.
void World::draw_bad_times(std::vector<std::pair<TimePoint, TimePoint>>& list, int chance_an_hour) {
  for (int hour = 0; hour < 6; ++hour)
    if (dice_.chance(chance_an_hour)) {
      TimePoint const from = time_.now() + dice_.between(0s, 3600s) + hour * 20min;
      list.emplace_back(from, from + dice_.between(10s, 5min));
    }
}

/// Characters and objects that tasks refer to, made by tasks of their own.
void World::draw_elements() {
  int const count = dice_.pick(1, 3);
  auto const clips = tasks_.size();
  plan::Route route;
  route.candidates.push_back({.model = ModelId{"maker-1"},
                              .quality = Quality::any,
                              .expected = price_of("maker-1", "any", 0),
                              .most = price_of("maker-1", "any", 0)});
  for (int i = 0; i < count; ++i) {
    plan::PlannedTask task;
    task.name = fmt::format("element {}", i);
    task.priority = plan::element_priority;
    task.request.mode = Mode::element;
    task.request.prompt = task.name;
    task.request.duration = std::chrono::seconds{0};
    task.request.quality = Quality::any;
    task.ladder = {Quality::any};
    task.identity = TaskIdentity{task.name};
    tasks_.push_back(std::move(task));
    route_of_.push_back(routes_.size());
  }
  routes_.push_back(std::make_shared<plan::Route const>(std::move(route)));
  for (std::size_t i = 0; i < clips; ++i)
    for (int element = 0; element < count; ++element)
      if (dice_.chance(50))
        tasks_[i].request.elements.push_back(
            {.kind = Element::Kind::images,
             .made_by = tasks_[clips + static_cast<std::size_t>(element)].identity,
             .name = fmt::format("{}", element)});
}

void World::write_campaign() {
  terms_.campaign = "sim";
  terms_.budget = base_.budget;
  terms_.limits = base_.limits;
  terms_.output_dir = "/out";
  auto const ledger = ledger::open_memory_ledger(disk_);
  static_cast<void>(ledger->begin_run({.id = run_,
                                       .campaign = "sim",
                                       .gateway = "sim",
                                       .nonce = "0123456789abcdef",
                                       .started = time_.now()}));
  std::vector<std::string> routes;
  for (auto const& route : routes_) routes.push_back(plan::encode_route(*route));
  static_cast<void>(ledger->add_routes(run_, routes));
  std::vector<ledger::NewTask> tasks;
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    tasks.push_back(
        {.identity = tasks_[i].identity,
         .name = tasks_[i].name,
         .take = 1,
         .priority = tasks_[i].priority,
         .route = static_cast<std::uint32_t>(route_of_[i]),
         .spec = plan::encode_task(tasks_[i]),
         .element = tasks_[i].request.mode == Mode::element ? std::optional{std::string{}} : std::nullopt});
  static_cast<void>(ledger->add_tasks(run_, tasks));
  static_cast<void>(ledger->start_run(run_, plan::encode_terms(terms_), base_.budget));
  if (drawn_.rival) {
    std::erase_if(tasks, [&](ledger::NewTask const&) { return rival_dice_.chance(60); });
    if (!tasks.empty()) {
      rival_.emplace(disk_, time_.now());
      rival_->begin(tasks);
    }
  }
  begin_laws();
  begin_watch();
}

/// What must hold of this campaign.
void World::begin_laws() {
  std::map<std::uint32_t, TimePoint> deadlines;
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    for (std::optional<Deadline> const& one : {tasks_[i].deadline, terms_.deadline}) {
      if (!one) continue;
      auto const [known, fresh] =
          deadlines.emplace(static_cast<std::uint32_t>(i), one->of_run(simulated_start));
      if (!fresh) known->second = std::min(known->second, one->of_run(simulated_start));
    }
  std::set<std::uint32_t> elements;
  for (std::size_t i = 0; i < tasks_.size(); ++i)
    if (tasks_[i].request.mode == Mode::element) elements.insert(static_cast<std::uint32_t>(i));
  laws_.begin({.budget = base_.budget,
               .limits = base_.limits,
               .reads = base_.reads,
               .prices_hold = drawn_.price_off_percent == 0,
               .clock_is_set = drawn_.clock_steps,
               .idempotent = drawn_.idempotent,
               .refused_content = base_.refused_content,
               .deadlines = std::move(deadlines),
               .elements = std::move(elements)});
}

/// Whatever happens at the gateway is seen.
void World::begin_watch() {
  model_.on_end = [this](GatewayModel::Task const& task) { on_task_ended(task); };
  watch_ = {.touch = [this](char const* what) { touch(what); },
            .elsewhere = [this](char const* what) { elsewhere(what); },
            .create_leaves = [this](std::string const& model,
                                    std::string const& key) { laws_.create_leaves(model, key); },
            .create_over = [this](std::string const& key) { laws_.create_over(key); },
            .id_given = [this](std::string const& key, std::string const& id) { laws_.id_given(key, id); },
            .poll_leaves = [this](std::string const& id) { laws_.poll_leaves(id); },
            .request_leaves = [this] { laws_.request_leaves(); },
            .met = [this](char const* what) { ++encounters_[what]; }};
}

}  // namespace callsheet::sim
