#include "orchestrator/forecast/beliefs.hpp"

#include "orchestrator/run/recovery.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::forecast;
using namespace std::chrono_literals;

namespace {

ModelId const model{"kling"};
engine::PollKind const kind{.model = model, .quality = Quality::p720, .duration = 5s, .sound = Sound::off};

/// As the ledger keeps it after that many clips were seen to end between the two ages.
ledger::DurationHistory history_of(engine::PollKind const& of, int clips, Duration from, Duration to) {
  engine::DurationKnowledge known;
  for (int i = 0; i < clips; ++i) {
    known.alive(0s, from);
    known.ended(from, to);
  }
  return run::history_of({{of, known}}).front();
}

Duration mean_of(Beliefs const& beliefs, engine::PollKind const& of) {
  constexpr int draws = 2'000;
  engine::Random random{1};
  Duration sum{0};
  for (int i = 0; i < draws; ++i) sum += beliefs.draw_duration(of, random);
  return sum / draws;
}

}  // namespace

TEST_CASE("beliefs: without history a clip takes what is assumed, and attempts fail as assumed") {
  Beliefs const beliefs{{.least = 100s, .most = 200s, .failing_percent = 10}, {}, {}};
  CHECK(beliefs.source_of(kind) == Beliefs::Source::assumed);
  CHECK(beliefs.trouble_percent(model) == doctest::Approx(10));
  CHECK(beliefs.attempts_of(model) == 0);
  engine::Random random{7};
  for (int i = 0; i < 1'000; ++i) {
    Duration const drawn = beliefs.draw_duration(kind, random);
    CHECK(drawn >= 100s);
    CHECK(drawn <= 200s);
  }
  CHECK(mean_of(beliefs, kind) > 140s);
  CHECK(mean_of(beliefs, kind) < 160s);
}

TEST_CASE("beliefs: clips of a kind take as long as such clips took, others as long as the model's") {
  engine::PollKind longer = kind;
  longer.duration = 10s;
  engine::PollKind other = kind;
  other.model = ModelId{"other"};
  Beliefs const beliefs{{}, {history_of(kind, 20, 58s, 62s)}, {}};
  CHECK(beliefs.source_of(kind) == Beliefs::Source::kind);
  CHECK(beliefs.source_of(longer) == Beliefs::Source::model);
  CHECK(beliefs.source_of(other) == Beliefs::Source::assumed);
  for (engine::PollKind const& seen : {kind, longer}) {
    CHECK(mean_of(beliefs, seen) > 55s);
    CHECK(mean_of(beliefs, seen) < 65s);
  }
  CHECK(mean_of(beliefs, other) > 250s);
}

TEST_CASE("beliefs: what was still running counts for those that take long") {
  engine::DurationKnowledge known;
  for (int i = 0; i < 50; ++i) known.ended(10s, 10s);
  for (int i = 0; i < 50; ++i) {
    known.alive(0s, 100s);
    known.ended(100s, 100s);
  }
  Beliefs const beliefs{{}, {run::history_of({{kind, known}}).front()}, {}};
  CHECK(mean_of(beliefs, kind) > 45s);
  CHECK(mean_of(beliefs, kind) < 65s);
}

TEST_CASE("beliefs: nothing but reads of running tasks is no history") {
  engine::DurationKnowledge known;
  known.alive(0s, 100s);
  Beliefs const beliefs{{}, {run::history_of({{kind, known}}).front()}, {}};
  CHECK(beliefs.source_of(kind) == Beliefs::Source::assumed);
}

TEST_CASE("beliefs: attempts that were seen outweigh what is assumed") {
  using State = AttemptState;
  struct Case {
    char const* name;
    std::vector<ledger::AttemptTally> seen;
    double trouble;
  };
  for (Case const& c : std::vector<Case>{
           {"nothing but clips", {{model, State::finished, {}, 180, 180}}, 0.3},
           {"one of ten fails",
            {{model, State::failed, FailureKind::temporary, 18, 0}, {model, State::finished, {}, 162, 162}},
            9.3},
           {"our own mistakes say nothing of the gateway",
            {{model, State::refused, FailureKind::invalid_request, 90, 0},
             {model, State::refused, FailureKind::not_sent, 90, 0},
             {model, State::finished, {}, 180, 180}},
            0.3},
           {"another model's attempts", {{ModelId{"x"}, State::failed, FailureKind::temporary, 99, 0}}, 3},
           {"doubts are trouble, whatever was the matter",
            {{model, State::in_doubt, FailureKind::not_sent, 180, 0}},
            90.3}}) {
    CAPTURE(c.name);
    CHECK(Beliefs({}, {}, c.seen).trouble_percent(model) == doctest::Approx(c.trouble).epsilon(0.001));
  }
}

TEST_CASE("beliefs: a failed attempt is charged as often as was seen") {
  Beliefs const beliefs{{.failing_percent = 0},
                        {},
                        {{model, AttemptState::failed, FailureKind::no_content, 1'000, 500},
                         {model, AttemptState::finished, {}, 1'000, 1'000}}};
  engine::Random random{3};
  int failed = 0;
  int charged = 0;
  for (int i = 0; i < 4'000; ++i) {
    Fate const fate = beliefs.draw_fate(model, random);
    if (fate.kind != Fate::Kind::failed) continue;
    CHECK(fate.failure == FailureKind::no_content);
    ++failed;
    charged += fate.charged ? 1 : 0;
  }
  CHECK(failed > 1'800);
  CHECK(failed < 2'200);
  CHECK(charged > failed * 4 / 10);
  CHECK(charged < failed * 6 / 10);
}
