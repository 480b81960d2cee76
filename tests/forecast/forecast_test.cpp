#include "orchestrator/forecast/forecast.hpp"

#include <memory>
#include <string>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::forecast;
using namespace std::chrono_literals;

namespace {

ModelId const kling{"kling"};
TimePoint const noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h;
std::string const gateway_called = "evolink";
std::vector<ledger::DurationHistory> const no_durations;

/// Clips of 10 credits, 5 where the ladder is walked.
std::vector<plan::PlannedTask> clips(int count) {
  auto const route =
      std::make_shared<plan::Route const>(plan::Route{.candidates = {{.model = kling,
                                                                      .quality = Quality::p1080,
                                                                      .expected = Credits::whole(10),
                                                                      .most = Credits::whole(10)},
                                                                     {.model = kling,
                                                                      .quality = Quality::p720,
                                                                      .expected = Credits::whole(5),
                                                                      .most = Credits::whole(5)}},
                                                      .left_out = {}});
  std::vector<plan::PlannedTask> tasks;
  for (int i = 0; i < count; ++i) {
    plan::PlannedTask task;
    task.name = "clip-" + std::to_string(i);
    task.request.prompt = task.name;
    task.request.duration = 5s;
    task.request.quality = Quality::p1080;
    task.ladder = {Quality::p1080, Quality::p720};
    task.identity = TaskIdentity{task.name};
    task.output = task.name + ".mp4";
    task.route = route;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

engine::Settings settings_with(int in_flight, Credits cap, WhenShort when_short = WhenShort::stop) {
  engine::Settings settings;
  settings.limits.in_flight = in_flight;
  settings.budget.cap = cap;
  settings.budget.when_short = when_short;
  return settings;
}

Forecast forecast_of(int count, engine::Settings const& settings, Assumptions const& assumed,
                     std::vector<ledger::AttemptTally> const& seen = {}, int trials = 20,
                     std::optional<Deadline> deadline = {}) {
  plan::PlanTerms terms;
  terms.campaign = "forecast";
  terms.budget = settings.budget;
  terms.limits = settings.limits;
  terms.output_dir = "/out";
  terms.deadline = deadline;
  Campaign const campaign{terms, clips(count)};
  Beliefs const beliefs{assumed, {}, seen};
  auto const outlook = forecast::forecast({.campaign = campaign,
                                           .beliefs = beliefs,
                                           .durations = no_durations,
                                           .settings = settings,
                                           .gateway = gateway_called,
                                           .begin = noon},
                                          trials);
  REQUIRE(outlook.has_value());
  return *outlook;
}

Assumptions const steady{.least = 100s, .most = 100s, .failing_percent = 0};

}  // namespace

TEST_CASE("forecast: a quantile is a value that came up, by nearest rank") {
  CHECK(quantile(std::vector{7}, 0.95) == 7);
  CHECK(quantile(std::vector{4, 1, 3, 2}, 0.5) == 2);
  std::vector<int> hundred;
  for (int i = 100; i > 0; --i) hundred.push_back(i);
  CHECK(quantile(hundred, 0.5) == 50);
  CHECK(quantile(hundred, 0.95) == 95);
}

TEST_CASE("forecast: the larger the campaign, the fewer the trials, and never too few") {
  CHECK(trials_for(1) == 100);
  CHECK(trials_for(100) < 100);
  CHECK(trials_for(1'000'000) == 10);
}

TEST_CASE("forecast: the engine's limits decide how long it takes") {
  Forecast const alone = forecast_of(6, settings_with(1, Credits::whole(1'000)), steady);
  CHECK(alone.finish.p50 > 600s);
  CHECK(alone.finish.p95 < 800s);  // reads come some time after the end
  Forecast const together = forecast_of(6, settings_with(6, Credits::whole(1'000)), steady);
  CHECK(together.finish.p50 > 100s);
  CHECK(together.finish.p95 < 200s);
  engine::Settings slow = settings_with(6, Credits::whole(1'000));
  slow.limits.rate = Rate{.count = 1, .window = 60s};
  CHECK(forecast_of(6, slow, steady).finish.p50 > 5 * 60s + 100s);
}

TEST_CASE("forecast: where nothing fails, the cost is the plan's") {
  Forecast const outlook = forecast_of(6, settings_with(6, Credits::whole(60)), steady);
  CHECK(outlook.cost.p50 == Credits::whole(60));
  CHECK(outlook.cost.p95 == Credits::whole(60));
  CHECK(outlook.clips.p95 == 6);
  CHECK(outlook.cap_binds == 0);
  CHECK(outlook.some_doubt == 0);
}

TEST_CASE("forecast: a cap that is too small binds, and is not exceeded") {
  Forecast const stopped = forecast_of(6, settings_with(2, Credits::whole(45)), steady);
  CHECK(stopped.cap_binds == 1);
  CHECK(stopped.cost.p95 == Credits::whole(40));
  CHECK(stopped.clips.p50 == 4);
  Forecast const degraded = forecast_of(6, settings_with(2, Credits::whole(45), WhenShort::degrade), steady);
  CHECK(degraded.cap_binds == 1);
  CHECK(degraded.cost.p95 <= Credits::whole(45));
  CHECK(degraded.clips.p50 == 5);
}

TEST_CASE("forecast: a deadline leaves out what is not submitted in time") {
  auto const with = [](std::optional<Deadline> deadline) {
    return forecast_of(6, settings_with(2, Credits::whole(1'000)), steady, {}, 20, deadline);
  };
  Forecast const bound = with(Deadline{.at = noon + 150s, .after = {}});
  CHECK(bound.late == 1);
  CHECK(bound.clips.p50 ==
        4);  // two at once, two more after 100 s: those end after the deadline, and come home
  CHECK(bound.finish.p50 > 200s);
  CHECK(bound.cap_binds == 0);
  CHECK(with(Deadline{.at = {}, .after = 10s}).clips.p50 == 2);
  CHECK(with(Deadline{.at = {}, .after = 1h}).late == 0);
}

TEST_CASE("forecast: failures that are charged cost money and time") {
  std::vector<ledger::AttemptTally> const seen{
      {kling, AttemptState::failed, FailureKind::temporary, 300, 300},
      {kling, AttemptState::finished, {}, 700, 700}};
  Forecast const outlook = forecast_of(20, settings_with(20, Credits::whole(1'000)), steady, seen);
  CHECK(outlook.cost.p50 > Credits::whole(200));
  CHECK(outlook.cost.p95 > outlook.cost.p50);
  CHECK(outlook.cost.p95 <= Credits::whole(1'000));
  CHECK(outlook.finish.p50 > 200s);
}

TEST_CASE("forecast: what is in doubt counts as cost") {
  std::vector<ledger::AttemptTally> const seen{{kling, AttemptState::in_doubt, {}, 1'000, 0}};
  Forecast const outlook = forecast_of(4, settings_with(4, Credits::whole(1'000)), steady, seen);
  CHECK(outlook.some_doubt == 1);
  CHECK(outlook.cost.p50 == Credits::whole(40));
}

TEST_CASE("forecast: the same plan gives the same answer") {
  std::vector<ledger::AttemptTally> const seen{
      {kling, AttemptState::refused, FailureKind::rate_limited, 100, 0},
      {kling, AttemptState::finished, {}, 900, 900}};
  Assumptions const assumed{.least = 50s, .most = 500s};
  engine::Settings const settings = settings_with(3, Credits::whole(1'000));
  Forecast const first = forecast_of(12, settings, assumed, seen);
  Forecast const second = forecast_of(12, settings, assumed, seen);
  CHECK(first.finish.p50 == second.finish.p50);
  CHECK(first.finish.p95 == second.finish.p95);
  CHECK(first.cost.p95 == second.cost.p95);
  CHECK(first.finish.p95 > first.finish.p50);
}

TEST_CASE("forecast: pictures are uploaded and callbacks come in, on virtual time") {
  engine::Settings settings = settings_with(2, Credits::whole(1'000));
  settings.callbacks = engine::Callbacks::expected;
  auto tasks = clips(2);
  for (auto& task : tasks)
    task.request.image_start = MediaInput{
        .kind = MediaInput::Kind::file, .location = "/in/hero.png", .digest = ContentDigest{"abc"}};
  plan::PlanTerms terms;
  terms.campaign = "pictures";
  terms.budget = settings.budget;
  Campaign const campaign{terms, tasks};
  Beliefs const beliefs{steady, {}, {}};
  auto const trial = run_trial({.campaign = campaign,
                                .beliefs = beliefs,
                                .durations = no_durations,
                                .settings = settings,
                                .gateway = gateway_called,
                                .begin = noon},
                               1);
  REQUIRE(trial.has_value());
  CHECK(trial->made == 2);
  CHECK(trial->took < 110s);  // upload, 100 s, the call, a read, the download
}
