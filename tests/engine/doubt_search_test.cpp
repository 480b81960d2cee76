#include "orchestrator/engine/doubt_search.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using namespace std::chrono_literals;

namespace {

TimePoint const noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h;

Doubt doubt(std::uint32_t task, Duration sent, char const* model = "m", std::chrono::seconds duration = 5s) {
  return {.attempt = {TaskId{task}, 1},
          .model = ModelId{model},
          .duration = duration,
          .sent = noon + sent,
          .gave_up = noon + sent + 30s};
}

Stranger stranger(char const* id, Duration created, char const* model = "m",
                  std::optional<std::chrono::seconds> duration = 5s) {
  return {.id = GatewayTaskId{id}, .model = ModelId{model}, .created = noon + created, .duration = duration};
}

ListTrust const complete{.worth = Listing::complete, .clock_skew = 5s, .listing_lag = 30s};
ListTrust const exclusive{.worth = Listing::exclusive, .clock_skew = 5s, .listing_lag = 30s};

}  // namespace

TEST_CASE("doubts and the task list: who is who, and when nothing can be said") {
  using Kind = DoubtVerdict::Kind;
  struct Case {
    char const* name;
    std::vector<Doubt> doubts;
    std::vector<Doubt> under_way;
    std::vector<Stranger> strangers;
    std::vector<Rival> rivals;
    ListTrust trust;
    Duration asked;
    Kind first;
  };
  for (Case const& c : {
           Case{"one doubt, one stranger",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s)},
                {},
                exclusive,
                40s,
                Kind::is},
           Case{"of another model",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s, "n")},
                {},
                exclusive,
                40s,
                Kind::unknown},
           Case{"of another length",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s, "m", 8s)},
                {},
                exclusive,
                40s,
                Kind::unknown},
           Case{"the list tells no length",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s, "m", {})},
                {},
                exclusive,
                40s,
                Kind::is},
           Case{"before it was sent",
                {doubt(0, 60s)},
                {},
                {stranger("a", 1s)},
                {},
                exclusive,
                140s,
                Kind::unknown},
           Case{"long after it was given up",
                {doubt(0, 0s)},
                {},
                {stranger("a", 60s)},
                {},
                exclusive,
                140s,
                Kind::unknown},
           Case{"two strangers",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s), stranger("b", 2s)},
                {},
                exclusive,
                40s,
                Kind::unknown},
           Case{"two doubts",
                {doubt(0, 0s), doubt(1, 1s)},
                {},
                {stranger("a", 1s)},
                {},
                exclusive,
                40s,
                Kind::unknown},
           Case{"two doubts of two lengths",
                {doubt(0, 0s), doubt(1, 1s, "m", 8s)},
                {},
                {stranger("a", 1s)},
                {},
                exclusive,
                40s,
                Kind::is},
           Case{"a request under way may own it",
                {doubt(0, 0s)},
                {doubt(1, 1s)},
                {stranger("a", 1s)},
                {},
                exclusive,
                40s,
                Kind::unknown},
           Case{"another run may own it",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s)},
                {{ModelId{"m"}, noon}},
                exclusive,
                40s,
                Kind::unknown},
           Case{"nothing there, and the list holds all",
                {doubt(0, 0s)},
                {},
                {},
                {},
                complete,
                61s,
                Kind::not_taken},
           Case{"nothing there, asked too early", {doubt(0, 0s)}, {}, {}, {}, complete, 59s, Kind::unknown},
           Case{"nothing there, and the list proves nothing",
                {doubt(0, 0s)},
                {},
                {},
                {},
                exclusive,
                600s,
                Kind::unknown},
           // The gateway may answer under another model's name.
           Case{"something of another model is something",
                {doubt(0, 0s)},
                {},
                {stranger("a", 1s, "n")},
                {},
                complete,
                600s,
                Kind::unknown},
       }) {
    CAPTURE(c.name);
    Listed const list{.strangers = c.strangers, .rivals = c.rivals, .since = noon - 1min};
    auto const verdicts = judge(c.doubts, c.under_way, list, c.trust, noon + c.asked);
    REQUIRE(verdicts.size() == c.doubts.size());
    CHECK(verdicts.front().kind == c.first);
    if (c.first == Kind::is) CHECK(verdicts.front().id.str() == "a");
  }
}

TEST_CASE("doubts and the task list: a list that does not reach back far enough proves nothing") {
  Listed const list{.strangers = {}, .rivals = {}, .since = noon - 3s};
  CHECK(judge({doubt(0, 0s)}, {}, list, complete, noon + 10min).front().kind == DoubtVerdict::Kind::unknown);
}

TEST_CASE("doubts and the task list: times of another clock prove nothing, and rule nothing out") {
  Doubt undated = doubt(0, 0s);
  undated.dated = false;
  Listed const empty{.strangers = {}, .rivals = {}, .since = noon - 1h};
  CHECK(judge({undated}, {}, empty, complete, noon + 1h).front().kind == DoubtVerdict::Kind::unknown);
  Listed const one{.strangers = {stranger("a", 1s)}, .rivals = {}, .since = noon - 1h};
  auto const verdicts = judge({doubt(1, 0s), undated}, {}, one, complete, noon + 1h);
  CHECK(verdicts[0].kind == DoubtVerdict::Kind::unknown);
  CHECK(verdicts[1].kind == DoubtVerdict::Kind::unknown);
}
