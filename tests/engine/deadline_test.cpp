#include "orchestrator/core/deadline.hpp"

#include "orchestrator/engine/engine.hpp"

#include <map>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

/// One task at a time at a gateway that takes each and says nothing more until it is told to.
class LateRig {
 public:
  explicit LateRig(std::vector<TimePoint> const& deadlines) : engine_{one_at_a_time(), 1} {
    auto route = std::make_shared<plan::Route>();
    route->candidates.push_back({.model = ModelId{"m"},
                                 .quality = Quality::p720,
                                 .expected = Credits::whole(1),
                                 .most = Credits::whole(1)});
    std::uint32_t number = 0;
    for (TimePoint const deadline : deadlines)
      engine_.add({.id = TaskId{number++}, .route = route, .groups = {}, .deadline = deadline, .past = {}},
                  TimePoint{});
  }

  /// What is done at that time; creates are taken, reads find the task running.
  void at(TimePoint now) {
    while (std::optional<Action> action = engine_.next(now)) {
      if (auto const* const submit = std::get_if<Submit>(&*action)) {
        submitted.push_back(submit->attempt);
        engine_.on(Sending{submit->attempt}, now);
        engine_.on(Submitted{submit->attempt, GatewayTaskId{"t"}, NotTold{}, {}}, now);
      }
      if (auto const* const poll = std::get_if<Poll>(&*action))
        engine_.on(Polled{.attempt = poll->attempt,
                          .progress = made_ ? Progress::completed : Progress::running,
                          .links = {"l"},
                          .failure = {},
                          .charged = {}},
                   now);
      if (auto const* const fetch = std::get_if<Fetch>(&*action))
        engine_.on(Fetched{fetch->attempt, 5s}, now);
      if (auto const* const finish = std::get_if<Finish>(&*action))
        ended[index(finish->task)] = {finish->outcome, finish->why};
    }
  }
  void make() { made_ = true; }
  [[nodiscard]] Engine const& engine() const { return engine_; }

  std::vector<AttemptKey> submitted;
  std::map<std::uint32_t, std::pair<TaskOutcome, std::string>> ended;

 private:
  static Settings one_at_a_time() {
    Settings settings;
    settings.limits.in_flight = 1;
    settings.budget.cap = Credits::whole(100);
    return settings;
  }
  Engine engine_;
  bool made_ = false;
};

constexpr TimePoint start{};

}  // namespace

TEST_CASE("engine: past its deadline a task is left out, and one that was submitted is brought home") {
  LateRig rig{{start + 10s, start + 60s, TimePoint::max(), start + 3600s}};
  rig.at(start);
  REQUIRE(rig.submitted.size() == 1);
  rig.at(start + 10s);
  CHECK(rig.ended.empty());  // the first runs, and runs on
  REQUIRE(rig.engine().wake_at(start + 10s));
  CHECK(*rig.engine().wake_at(start + 10s) <= start + 60s);
  rig.at(start + 60s);
  CHECK(rig.ended.at(1) ==
        std::pair{TaskOutcome::skipped, std::string{"past its deadline, 1970-01-01T00:01:00Z"}});
  CHECK(rig.ended.size() == 1);
  rig.make();
  for (TimePoint now = start + 61s; !rig.engine().finished() && now < start + 3500s; now += 30s) rig.at(now);
  CHECK(rig.engine().finished());
  CHECK(rig.submitted.size() == 3);
  for (std::uint32_t const task : {0u, 2u, 3u}) CHECK(rig.ended.at(task).first == TaskOutcome::made);
}

TEST_CASE("engine: at its deadline a task is late, a moment before it is not") {
  LateRig in_time{{start + 10s}};
  in_time.at(start + 10s - 1us);
  CHECK(in_time.submitted.size() == 1);
  LateRig late{{start + 10s}};
  late.at(start + 10s);
  CHECK(late.submitted.empty());
  CHECK(late.ended.at(0).first == TaskOutcome::skipped);
}

TEST_CASE("deadline: a time after the run's start, or a date") {
  struct Case {
    char const* text;
    std::optional<TimePoint> at;
    char const* written;
  };
  for (Case const& c :
       {Case{"2h", start + 2h, "2h"}, Case{"90m", start + 90min, "90m"}, Case{"120s", start + 2min, "2m"},
        Case{"1970-01-02T01:00:00+01:00", start + 24h, "1970-01-02T00:00:00Z"}, Case{"0s", {}, ""},
        Case{"2", {}, ""}, Case{"2d", {}, ""}, Case{"-2h", {}, ""}, Case{"2026-13-01T00:00:00Z", {}, ""},
        Case{"99999999999999999999h", {}, ""}, Case{"", {}, ""}}) {
    CAPTURE(c.text);
    auto const deadline = parse_deadline(c.text);
    CHECK(deadline.has_value() == c.at.has_value());
    if (!deadline || !c.at) continue;
    CHECK(deadline->of_run(start) == *c.at);
    CHECK(to_string(*deadline) == c.written);
    CHECK(parse_deadline(to_string(*deadline)) == deadline);
  }
}
