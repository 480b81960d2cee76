#include "orchestrator/engine/engine.hpp"

#include <memory>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

using Health = ModelStanding::Health;

/// Tasks on one model each; what is submitted is taken, or refused as is said.
class StandingRig {
 public:
  explicit StandingRig(Settings settings) : engine_{std::move(settings), 1} {}

  void add(std::uint32_t id, char const* model) {
    auto route = std::make_shared<plan::Route>();
    route->candidates.push_back({.model = ModelId{model},
                                 .quality = Quality::p720,
                                 .expected = Credits::whole(1),
                                 .most = Credits::whole(1)});
    engine_.add({.id = TaskId{id}, .route = std::move(route), .groups = {}, .past = {}}, now);
  }

  /// What can be done now; each request is answered so.
  void carry_out(std::optional<FailureKind> refused = {}) {
    while (std::optional<Action> const action = engine_.next(now)) {
      auto const* const submit = std::get_if<Submit>(&*action);
      if (submit == nullptr) continue;
      engine_.on(Sending{submit->attempt}, now);
      if (refused)
        engine_.on(Refused{submit->attempt, {.kind = *refused, .message = "no"}}, now);
      else
        engine_.on(Submitted{submit->attempt, GatewayTaskId{"t"}, NotTold{}, {}}, now);
    }
  }

  [[nodiscard]] std::vector<ModelStanding> models() const { return engine_.models(now); }
  Engine& engine() { return engine_; }

  TimePoint now{};

 private:
  Engine engine_;
};

Settings with_in_flight(int most) {
  Settings settings;
  settings.limits.in_flight = most;
  settings.budget.cap = Credits::whole(1000);
  return settings;
}

}  // namespace

TEST_CASE("standing: a model with something to do has its numbers, one without is left out") {
  Settings settings = with_in_flight(3);
  settings.limits.models[ModelId{"idle"}] = {};
  settings.limits.models[ModelId{"few"}].in_flight = 1;
  StandingRig rig{settings};
  rig.add(0, "few");
  rig.add(1, "few");
  rig.add(2, "many");
  rig.carry_out();
  auto const models = rig.models();
  REQUIRE(models.size() == 2);
  CHECK(models[0].model == ModelId{"few"});
  CHECK(models[0].in_flight == 1);
  CHECK(models[0].waiting == 1);
  CHECK(models[0].waits_for == Waited::model_slot);
  CHECK(models[0].health == Health::well);
  CHECK(models[0].pace == 1);
  CHECK(models[1].in_flight == 1);
  CHECK(models[1].waiting == 0);
  CHECK(models[1].waits_for == Waited::nothing);
}

TEST_CASE("standing: a model that fails is set aside until a time, then one task tries it") {
  StandingRig rig{with_in_flight(20)};
  for (std::uint32_t id = 0; id < 8; ++id) rig.add(id, "m");
  rig.carry_out(FailureKind::model_unavailable);
  auto models = rig.models();
  REQUIRE(models.size() == 1);
  CHECK(models[0].health == Health::pausing);
  CHECK(models[0].asked_again > rig.now);
  CHECK(models[0].in_flight == 0);
  rig.now = models[0].asked_again;
  models = rig.models();
  REQUIRE(models.size() == 1);
  CHECK(models[0].health == Health::tried);
}

TEST_CASE("standing: what a key may not use is dropped, what is asked to slow down has less of its pace") {
  StandingRig rig{with_in_flight(20)};
  rig.add(0, "denied");
  rig.carry_out(FailureKind::model_denied);
  rig.add(1, "busy");
  rig.carry_out(FailureKind::rate_limited);
  for (int waits = 0; waits < 10 && rig.models().size() == 1; ++waits) {
    CHECK(rig.models()[0].health == Health::dropped);
    rig.now = rig.engine().wake_at(rig.now).value();
    rig.carry_out();
  }
  auto const models = rig.models();
  REQUIRE(models.size() == 2);
  CHECK(models[0].model == ModelId{"busy"});
  CHECK(models[0].waiting == 1);
  CHECK(models[0].waits_for == Waited::slow_down);
  CHECK(models[0].pace < 1);
  CHECK(models[1].pace == 1);
  CHECK(rig.engine().pace(rig.now) == 1);  // one model's limit is not the gateway's
}
