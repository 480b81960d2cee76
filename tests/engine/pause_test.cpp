#include "orchestrator/engine/engine.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

/// Tasks of 1 credit each on one model; what is submitted runs until it is told to have ended.
class PauseRig {
 public:
  explicit PauseRig(int in_flight) : engine_{settings_for(in_flight), 1} {}

  void add(std::uint32_t id, TimePoint deadline = TimePoint::max()) {
    auto route = std::make_shared<plan::Route>();
    route->candidates.push_back({.model = ModelId{"m"},
                                 .quality = Quality::p720,
                                 .expected = Credits::whole(1),
                                 .most = Credits::whole(1)});
    engine_.add({.id = TaskId{id},
                 .route = std::move(route),
                 .has_inputs = has_inputs,
                 .groups = {},
                 .deadline = deadline,
                 .past = {}},
                now);
  }

  /// Until nothing moves by itself, or a minute has passed.
  void go_on() {
    TimePoint const end = now + 1min;
    while (now < end) {
      bool any = false;
      while (std::optional<Action> const action = engine_.next(now)) {
        any = true;
        carry_out(*action);
      }
      std::optional<TimePoint> const wake = engine_.wake_at(now);
      if (any) continue;
      if (!wake) return;
      now = std::max(now + 1us, std::min(*wake, end));
    }
  }
  void pause() { engine_.on(PauseRequested{}, now); }
  void resume() { engine_.on(ResumeRequested{}, now); }

  Engine& engine() { return engine_; }

  TimePoint now{};
  bool runs_on = true;
  bool has_inputs = false;
  std::vector<TaskId> prepared, submitted, made;
  std::vector<Waited> waited;  ///< of the submitted
  std::vector<Finish> finished;

 private:
  static Settings settings_for(int in_flight) {
    Settings settings;
    settings.limits.in_flight = in_flight;
    settings.listing = Listing::none;
    settings.budget.cap = Credits::whole(100);
    return settings;
  }

  void carry_out(Action const& action) {
    if (auto const* const prepare = std::get_if<Prepare>(&action)) {
      prepared.push_back(prepare->task);
      engine_.on(Prepared{prepare->task}, now);
    }
    if (auto const* const submit = std::get_if<Submit>(&action)) {
      submitted.push_back(submit->attempt.task);
      waited.push_back(submit->waited);
      engine_.on(Sending{submit->attempt}, now);
      engine_.on(Submitted{submit->attempt, GatewayTaskId{"t"}, NotTold{}, {}}, now);
    }
    if (auto const* const poll = std::get_if<Poll>(&action)) {
      Polled news{.attempt = poll->attempt, .links = {}, .failure = {}, .charged = {}};
      news.progress = runs_on ? Progress::running : Progress::completed;
      if (!runs_on) news.links = {"l"};
      engine_.on(news, now);
    }
    if (auto const* const fetch = std::get_if<Fetch>(&action)) {
      made.push_back(fetch->attempt.task);
      engine_.on(Fetched{fetch->attempt, 0s}, now);
    }
    if (auto const* const finish = std::get_if<Finish>(&action)) finished.push_back(*finish);
  }

  Engine engine_;
};

}  // namespace

TEST_CASE("pause: nothing new is submitted, what runs comes home, and it goes on where it was") {
  PauseRig rig{2};
  for (std::uint32_t id = 0; id < 5; ++id) rig.add(id);
  rig.go_on();
  CHECK(rig.submitted == std::vector{TaskId{0}, TaskId{1}});
  rig.pause();
  rig.runs_on = false;
  rig.go_on();
  CHECK(rig.made == std::vector{TaskId{0}, TaskId{1}});
  CHECK(rig.submitted.size() == 2);
  CHECK_FALSE(rig.engine().finished());
  CHECK_FALSE(rig.engine().wake_at(rig.now));  // only a person moves it now
  std::vector<Queue> const queues = rig.engine().queues(rig.now);
  REQUIRE(queues.size() == 1);
  CHECK(queues.front().tasks == 3);
  CHECK(queues.front().waits_for == Waited::pause);
  rig.resume();
  rig.go_on();
  CHECK(rig.made.size() == 5);
  CHECK(rig.engine().finished());
  CHECK(rig.waited[2] == Waited::pause);
}

TEST_CASE("pause: nothing is uploaded, and deadlines pass") {
  PauseRig rig{2};
  rig.has_inputs = true;
  rig.pause();
  rig.add(0, rig.now + 30s);
  rig.add(1);
  rig.go_on();
  CHECK(rig.prepared.empty());
  REQUIRE(rig.finished.size() == 1);
  CHECK(rig.finished.front().task == TaskId{0});
  CHECK(rig.finished.front().outcome == TaskOutcome::skipped);
  rig.resume();
  rig.go_on();
  CHECK(rig.submitted == std::vector{TaskId{1}});
}

TEST_CASE("pause: whoever stops a paused run need not resume it") {
  PauseRig rig{1};
  rig.add(0);
  rig.add(1);
  rig.go_on();
  rig.pause();
  rig.engine().on(StopRequested{"enough"}, rig.now);
  CHECK_FALSE(rig.engine().paused());
  rig.pause();  // too late to mean anything
  CHECK_FALSE(rig.engine().paused());
  rig.runs_on = false;
  rig.go_on();
  CHECK(rig.engine().finished());
  CHECK(rig.submitted.size() == 1);
}
