#include "orchestrator/engine/engine.hpp"

#include <deque>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

/// A gateway that makes every clip at once, and a download host that answers when it is told to.
class Rig {
 public:
  explicit Rig(int tasks, Settings settings) : engine_{std::move(settings), 1} {
    auto route = std::make_shared<plan::Route>();
    route->candidates.push_back({.model = ModelId{"m"},
                                 .quality = Quality::p720,
                                 .expected = Credits::whole(1),
                                 .most = Credits::whole(1)});
    for (int i = 0; i < tasks; ++i)
      engine_.add({.id = TaskId{static_cast<std::uint32_t>(i)}, .route = route, .groups = {}, .past = {}},
                  now_);
  }

  void go_on() {
    for (int idle = 0; idle < 2;) {
      idle = carry_out_all() ? 0 : idle + 1;
      now_ = std::max(now_, engine_.wake_at(now_).value_or(now_));
    }
  }

  void clips_arrive(std::string const& mismatch = "") {
    for (Fetch const& fetch : std::exchange(fetches_, {}))
      engine_.on(Fetched{.attempt = fetch.attempt, .length = 5s, .mismatch = mismatch}, now_);
  }
  /// How the tasks ended, in their order.
  [[nodiscard]] std::vector<Finish> const& ended() const { return ended_; }

  [[nodiscard]] int submitted() const { return submitted_; }
  [[nodiscard]] bool finished() const { return engine_.finished(); }

 private:
  bool carry_out_all() {
    bool any = false;
    while (std::optional<Action> action = engine_.next(now_)) {
      any = true;
      if (auto const* const submit = std::get_if<Submit>(&*action)) {
        ++submitted_;
        engine_.on(Sending{submit->attempt}, now_);
        engine_.on(Submitted{submit->attempt, GatewayTaskId{"t"}, NotTold{}, {}}, now_);
      }
      if (auto const* const poll = std::get_if<Poll>(&*action))
        engine_.on(Polled{.attempt = poll->attempt,
                          .progress = Progress::completed,
                          .links = {"l"},
                          .failure = {},
                          .charged = {}},
                   now_);
      if (auto const* const fetch = std::get_if<Fetch>(&*action)) fetches_.push_back(*fetch);
      if (auto const* const finish = std::get_if<Finish>(&*action)) ended_.push_back(*finish);
    }
    return any;
  }

  Engine engine_;
  TimePoint now_{};
  std::deque<Fetch> fetches_;
  std::vector<Finish> ended_;
  int submitted_ = 0;
};

}  // namespace

TEST_CASE("engine: no more is bought than comes home") {
  Settings settings;
  settings.limits.in_flight = 10;
  settings.fetches = 3;
  settings.budget.cap = Credits::whole(10'000);
  Rig rig{200, settings};
  rig.go_on();
  CHECK(rig.submitted() >= settings.limits.in_flight + settings.fetches);
  // What was in flight when home was full is made all the same.
  CHECK(rig.submitted() <= 2 * settings.limits.in_flight + settings.fetches);
  for (int i = 0; i < 200 && !rig.finished(); ++i) {
    rig.clips_arrive();
    rig.go_on();
  }
  CHECK(rig.finished());
  CHECK(rig.submitted() == 200);
}

TEST_CASE("engine: a clip that is not what was ordered ends its task as that, and is not bought again") {
  Settings settings;
  settings.budget.cap = Credits::whole(100);
  Rig rig{1, settings};
  rig.go_on();
  rig.clips_arrive("it is black throughout");
  rig.go_on();
  CHECK(rig.finished());
  CHECK(rig.submitted() == 1);
  REQUIRE(rig.ended().size() == 1);
  CHECK(rig.ended().front().outcome == TaskOutcome::mismatched);
  CHECK(rig.ended().front().why == "it is black throughout");
}

TEST_CASE("engine: clips that come wrong stop a run that does not want them") {
  Settings settings;
  settings.limits.in_flight = 1;
  settings.budget.cap = Credits::whole(100);
  std::string why;
  Threshold threshold = parse_threshold("mismatched_ratio < 0.5", why).value();
  threshold.grace = 3;
  settings.thresholds.push_back(threshold);
  Rig rig{50, settings};
  for (int i = 0; i < 100 && !rig.finished(); ++i) {
    rig.go_on();
    rig.clips_arrive("it is black throughout");
  }
  CHECK(rig.finished());
  CHECK(rig.submitted() < 10);
}
