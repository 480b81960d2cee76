#include "orchestrator/engine/engine.hpp"
#include "tests/support/sanitized.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::engine;
using callsheet::test::few;
using namespace std::chrono_literals;

namespace {

constexpr TaskId hero{0};
constexpr TaskId coat{1};

Settings settings_for(std::int64_t cap) {
  Settings settings;
  settings.limits.in_flight = 10;
  settings.listing = Listing::none;
  settings.budget.cap = Credits::whole(cap);
  settings.budget.when_short = WhenShort::skip;
  return settings;
}

bool is_in(std::vector<TaskId> const& list, TaskId task) {
  return std::find(list.begin(), list.end(), task) != list.end();
}

/// What becomes of a request in this test's gateway.
enum class Luck { made, content_refused, unanswered, runs_on, elsewhere };

/// Tasks of 1 credit each, at a gateway that does with each what it is told to; else it makes them.
class NeedsRig {
 public:
  explicit NeedsRig(Settings settings) : engine_{std::move(settings), 1} {}

  void add(TaskSpec spec) {
    auto route = std::make_shared<plan::Route>();
    route->candidates.push_back({.model = ModelId{"m"},
                                 .quality = Quality::p720,
                                 .expected = Credits::whole(price_of_next),
                                 .most = Credits::whole(price_of_next)});
    spec.route = std::move(route);
    needs_[spec.id] = spec.past.empty() ? spec.needs : std::vector<TaskId>{};
    engine_.add(std::move(spec), now_);
  }
  void add_needed(TaskId id) { add({.id = id, .route = {}, .groups = {}, .past = {}, .needed = true}); }
  void add_user(TaskId id, std::vector<TaskId> needs) {
    add({.id = id, .route = {}, .groups = {}, .past = {}, .needs = std::move(needs)});
  }

  /// Until nothing moves, or ten hours have passed.
  void go_on() {
    TimePoint const end = now_ + 10h;
    for (;;) {
      bool any = false;
      while (std::optional<Action> const action = engine_.next(now_)) {
        any = true;
        carry_out(*action);
      }
      auto const wake = engine_.wake_at(now_);
      if (!any && (!wake || *wake > end)) return;
      if (!any) now_ = std::max(now_ + 1us, *wake);
    }
  }

  Engine& engine() { return engine_; }
  [[nodiscard]] TimePoint now() const { return now_; }

  std::map<TaskId, Luck> luck;
  std::int64_t price_of_next = 1;
  std::function<bool(std::uint32_t)> to_load;  ///< adds that task, and says whether there are more
  std::function<Listed(TimePoint)> to_list;    ///< what the account's task list shows
  std::vector<TaskId> adopted;                 ///< given an id that the list named
  std::vector<TaskId> submitted;
  std::map<TaskId, TimePoint> submitted_at;
  std::vector<TaskId> made;
  std::map<TaskId, Finish> finished;

 private:
  void carry_out(Action const& action) {
    if (auto const* const load = std::get_if<Load>(&action)) {
      bool more = true;
      for (std::size_t i = 0; i < load->count && more; ++i) more = to_load(next_to_load_++);
      engine_.on(Loaded{.all = !more}, now_);
    }
    if (auto const* const submit = std::get_if<Submit>(&action);
        submit != nullptr && luck[submit->attempt.task] == Luck::elsewhere) {
      engine_.on(TakenElsewhere{submit->attempt, "another run has it"}, now_);
    } else if (submit != nullptr) {
      submitted.push_back(submit->attempt.task);
      submitted_at.emplace(submit->attempt.task, now_);
      for (TaskId const need : needs_[submit->attempt.task]) CHECK(is_in(made, need));
      engine_.on(Sending{submit->attempt}, now_);
      if (luck[submit->attempt.task] == Luck::unanswered)
        engine_.on(SubmitUnknown{submit->attempt, {.kind = FailureKind::unknown, .message = "silence"}},
                   now_);
      else
        engine_.on(Submitted{submit->attempt, GatewayTaskId{"t"}, NotTold{}, {}}, now_);
    }
    if (std::holds_alternative<Search>(action)) engine_.on(to_list(now_), now_);
    if (auto const* const adopt = std::get_if<Adopt>(&action)) adopted.push_back(adopt->attempt.task);
    if (auto const* const poll = std::get_if<Poll>(&action)) {
      Polled news{.attempt = poll->attempt, .links = {}, .failure = {}, .charged = {}};
      Luck const fate = luck[poll->attempt.task];
      news.progress = fate == Luck::content_refused ? Progress::failed
                      : fate == Luck::runs_on       ? Progress::running
                                                    : Progress::completed;
      if (news.progress == Progress::completed) news.links = {"l"};
      if (news.progress == Progress::failed)
        news.failure = {.kind = FailureKind::content_refused, .message = "no such hero"};
      engine_.on(news, now_);
    }
    if (auto const* const fetch = std::get_if<Fetch>(&action)) {
      made.push_back(fetch->attempt.task);
      engine_.on(Fetched{fetch->attempt, 0s}, now_);
    }
    if (auto const* const finish = std::get_if<Finish>(&action)) {
      CHECK(finished.emplace(finish->task, *finish).second);  // each ends once
    }
  }

  Engine engine_;
  TimePoint now_{};
  std::uint32_t next_to_load_ = 0;
  std::map<TaskId, std::vector<TaskId>> needs_;
};

}  // namespace

TEST_CASE("needs: a task is submitted when all it needs is made, others do not wait") {
  NeedsRig rig{settings_for(100)};
  rig.luck[hero] = Luck::runs_on;
  rig.add_needed(hero);
  rig.add_needed(coat);
  rig.add_user(TaskId{2}, {hero, coat});
  rig.add_user(TaskId{3}, {coat});
  rig.add_user(TaskId{4}, {});
  rig.go_on();
  CHECK_FALSE(is_in(rig.submitted, TaskId{2}));
  CHECK(is_in(rig.made, TaskId{3}));
  CHECK(is_in(rig.made, TaskId{4}));
}

TEST_CASE("needs: in the order they were added they go on, and one added later finds it made") {
  NeedsRig rig{settings_for(100)};
  rig.add_needed(hero);
  for (std::uint32_t id = 2; id < 6; ++id) rig.add_user(TaskId{id}, {hero});
  rig.go_on();
  CHECK(rig.submitted == std::vector{hero, TaskId{2}, TaskId{3}, TaskId{4}, TaskId{5}});
  rig.add_user(TaskId{6}, {hero});
  rig.go_on();
  CHECK(rig.made.back() == TaskId{6});
  CHECK(rig.engine().finished());
  CHECK(rig.engine().tally().made == 5);  // what others need is no clip,
  CHECK(rig.engine().tally().attempts == 5);
  CHECK(rig.engine().tally().spent == Credits::whole(6));  // and costs all the same
}

TEST_CASE("needs: how what is needed ends decides, and nothing is spent on those that need it") {
  struct Case {
    char const* name;
    Luck fate;
    std::int64_t price;  ///< of what is needed; the cap is 100
    TaskOutcome needed, user;
    char const* why;
  };
  for (Case const& c : {
           Case{"it fails", Luck::content_refused, 1, TaskOutcome::failed, TaskOutcome::failed,
                "what it needs was not made: no such hero"},
           Case{"it does not fit the cap", Luck::made, 101, TaskOutcome::skipped, TaskOutcome::skipped,
                "what it needs was not made: 101 credits more would exceed the cap"},
           Case{"nobody knows", Luck::unanswered, 1, TaskOutcome::in_doubt, TaskOutcome::outstanding,
                "what it needs may have been made, which is in doubt: "},
           Case{"it takes for ever", Luck::runs_on, 1, TaskOutcome::outstanding, TaskOutcome::outstanding,
                "what it needs is not made yet: still running at the gateway"},
           Case{"another run has it", Luck::elsewhere, 1, TaskOutcome::outstanding, TaskOutcome::outstanding,
                "what it needs is not made yet: another run has it"},
       }) {
    CAPTURE(std::string{c.name});
    Settings settings = settings_for(100);
    settings.patience = 1h;
    NeedsRig rig{settings};
    rig.luck[hero] = c.fate;
    rig.price_of_next = c.price;
    rig.add_needed(hero);
    rig.price_of_next = 1;
    rig.add_user(TaskId{2}, {hero});
    rig.add_user(TaskId{3}, {hero});
    rig.go_on();
    REQUIRE(rig.finished.contains(hero));
    CHECK(rig.finished.at(hero).outcome == c.needed);
    for (TaskId const user : {TaskId{2}, TaskId{3}}) {
      REQUIRE(rig.finished.contains(user));
      CHECK(rig.finished.at(user).outcome == c.user);
      CHECK(rig.finished.at(user).why.starts_with(c.why));
      CHECK_FALSE(is_in(rig.submitted, user));
    }
    CHECK(rig.engine().finished());
  }
}

TEST_CASE("needs: a doubt that many wait for does not keep others from being loaded") {
  Settings settings = settings_for(100);
  settings.backlog = 4;
  NeedsRig rig{settings};
  rig.luck[hero] = Luck::unanswered;
  rig.engine().load_on_demand();
  rig.to_load = [&rig](std::uint32_t next) {
    if (next == 0)
      rig.add_needed(hero);
    else if (next < 40)
      rig.add_user(TaskId{next}, {hero});
    else
      rig.add_user(TaskId{next}, {});
    return next < 45;
  };
  rig.go_on();
  CHECK(rig.engine().finished());
  CHECK(rig.finished.size() == 46);
  CHECK(rig.finished.at(hero).outcome == TaskOutcome::in_doubt);
  CHECK(rig.finished.at(TaskId{39}).outcome == TaskOutcome::outstanding);
  CHECK(rig.made.size() == 6);
}

TEST_CASE("needs: a doubt keeps its place in flight when those that wait for it make room for others") {
  Settings settings = settings_for(100);
  settings.limits.in_flight = 1;
  settings.backlog = 2;
  NeedsRig rig{settings};
  rig.luck[hero] = Luck::unanswered;
  rig.engine().load_on_demand();
  rig.to_load = [&rig](std::uint32_t next) {
    if (next == 0)
      rig.add_needed(hero);
    else
      rig.add_user(TaskId{next}, next < 10 ? std::vector{hero} : std::vector<TaskId>{});
    return next < 12;
  };
  TimePoint const begun = rig.now();
  rig.go_on();
  CHECK(rig.engine().finished());
  REQUIRE(rig.made.size() == 3);
  CHECK(rig.submitted_at.at(TaskId{10}) >= begun + settings.doubt_slot);
}

TEST_CASE("needs: a doubt that ended to make room may still own what the list shows later") {
  Settings settings = settings_for(100);
  settings.listing = Listing::exclusive;
  settings.clock_skew = 1h;
  settings.backlog = 2;
  NeedsRig rig{settings};
  rig.luck[hero] = Luck::unanswered;
  rig.luck[TaskId{10}] = Luck::unanswered;
  rig.engine().load_on_demand();
  rig.to_load = [&rig](std::uint32_t next) {
    if (next == 0)
      rig.add_needed(hero);
    else
      rig.add_user(TaskId{next}, next < 10 ? std::vector{hero} : std::vector<TaskId>{});
    return next < 10;
  };
  TimePoint const begun = rig.now();
  rig.to_list = [&rig, begun](TimePoint) {
    Listed list{.strangers = {}, .rivals = {}, .since = begun};
    // One clip, made late: the first of them, which has ended in doubt meanwhile, or the second.
    if (rig.finished.contains(hero))
      list.strangers.push_back({GatewayTaskId{"late"}, ModelId{"m"}, rig.now(), std::nullopt});
    return list;
  };
  rig.go_on();
  CHECK(rig.engine().finished());
  REQUIRE(rig.finished.at(hero).outcome == TaskOutcome::in_doubt);
  CHECK(rig.adopted.empty());
  CHECK(rig.finished.at(TaskId{10}).outcome == TaskOutcome::in_doubt);
}

TEST_CASE(
    "needs: what another run has is not counted, not waited for, and its place and money are free again") {
  Settings settings = settings_for(1);
  settings.limits.in_flight = 1;
  NeedsRig rig{settings};
  rig.luck[TaskId{2}] = Luck::elsewhere;
  rig.add_user(TaskId{2}, {});
  rig.add_user(TaskId{3}, {});
  rig.go_on();
  CHECK(rig.finished.at(TaskId{2}).outcome == TaskOutcome::outstanding);
  CHECK(rig.finished.at(TaskId{2}).why == "another run has it");
  CHECK(rig.made == std::vector{TaskId{3}});
  CHECK(rig.engine().finished());
  CHECK(rig.engine().tally().attempts == 1);
  CHECK(rig.engine().tally().spent == Credits::whole(1));
}

TEST_CASE("needs: what shows an element that waits for another run is outstanding, and says for which") {
  NeedsRig rig{settings_for(100)};
  rig.engine().call(hero, "the hero");
  rig.engine().ended_before(hero, TaskOutcome::waiting, "waiting for run X");
  rig.add_user(TaskId{2}, {hero});
  rig.go_on();
  CHECK(rig.finished.at(TaskId{2}).outcome == TaskOutcome::outstanding);
  CHECK(rig.finished.at(TaskId{2}).why == "the hero is not made yet: waiting for run X");
  CHECK(rig.submitted.empty());
}

TEST_CASE("needs: what an earlier session came to is as good as this one's") {
  NeedsRig rig{settings_for(100)};
  rig.engine().ended_before(hero, TaskOutcome::reused, "");
  rig.made.push_back(hero);
  rig.engine().call(coat, "the coat");
  rig.engine().ended_before(coat, TaskOutcome::failed, "it was refused");
  rig.add_user(TaskId{2}, {hero});
  rig.add_user(TaskId{3}, {hero, coat});
  rig.go_on();
  CHECK(rig.submitted == std::vector{TaskId{2}});
  CHECK(rig.finished.at(TaskId{3}).outcome == TaskOutcome::failed);
  CHECK(rig.finished.at(TaskId{3}).why == "the coat was not made: it was refused");
}

TEST_CASE("needs: a stop leaves nothing waiting") {
  NeedsRig rig{settings_for(100)};
  rig.luck[hero] = Luck::runs_on;
  rig.add_needed(hero);
  rig.add_user(TaskId{2}, {hero});
  rig.engine().on(StopRequested{"enough"}, rig.now());
  rig.go_on();
  CHECK(rig.finished.at(TaskId{2}).outcome == TaskOutcome::outstanding);
  CHECK(rig.finished.at(TaskId{2}).why == "enough");
  CHECK(rig.submitted.empty());
  CHECK(rig.engine().finished());
}

TEST_CASE("needs: past its deadline what is needed takes those that need it along, and they say so") {
  Settings settings = settings_for(100);
  settings.limits.in_flight = 1;
  NeedsRig rig{settings};
  TaskId const blocker{0};
  rig.luck[blocker] = Luck::runs_on;
  rig.add({.id = blocker, .route = {}, .groups = {}, .past = {}});
  rig.add({.id = coat,
           .route = {},
           .groups = {},
           .deadline = rig.now() + 60s,
           .past = {},
           .needs = {},
           .needed = true});
  rig.add_user(TaskId{2}, {coat});
  rig.go_on();
  REQUIRE(rig.finished.contains(TaskId{2}));
  CHECK(rig.finished.at(coat).outcome == TaskOutcome::skipped);
  CHECK(rig.finished.at(TaskId{2}).outcome == TaskOutcome::skipped);
  CHECK(rig.finished.at(TaskId{2}).why ==
        "past its deadline, 1970-01-01T00:01:00Z: what it needs was not made by then");
  CHECK(rig.submitted == std::vector{blocker});
}

TEST_CASE("needs: past its own deadline a task waits for nothing any more") {
  NeedsRig rig{settings_for(100)};
  rig.luck[hero] = Luck::runs_on;
  rig.add_needed(hero);
  rig.add(
      {.id = TaskId{2}, .route = {}, .groups = {}, .deadline = rig.now() + 60s, .past = {}, .needs = {hero}});
  rig.go_on();
  REQUIRE(rig.finished.contains(TaskId{2}));
  CHECK(rig.finished.at(TaskId{2}).outcome == TaskOutcome::skipped);
  CHECK(rig.finished.at(TaskId{2}).why == "past its deadline, 1970-01-01T00:01:00Z");
  CHECK(rig.submitted == std::vector{hero});
  CHECK(rig.engine().finished());
}

TEST_CASE("needs: an attempt that is under way does not wait for what it was made from") {
  NeedsRig rig{settings_for(100)};
  PastAttempt running{
      .ordinal = 1,
      .candidate = {.model = ModelId{"m"}, .quality = Quality::p720, .expected = {}, .most = {}},
      .state = AttemptState::running,
      .id = GatewayTaskId{"t"},
      .held = Credits::whole(1),
      .spent = {},
      .submitted = rig.now()};
  rig.luck[hero] = Luck::runs_on;
  rig.add_needed(hero);
  rig.add({.id = TaskId{2}, .route = {}, .groups = {}, .past = {running}, .needs = {hero}});
  rig.go_on();
  CHECK(is_in(rig.made, TaskId{2}));
}

TEST_CASE("needs: whatever happens, all end, and none is submitted before what it needs is made") {
  for (std::uint64_t seed = 1; seed <= few(500); ++seed) {
    CAPTURE(seed);
    Random random{seed};
    auto const pick = [&](std::int64_t least, std::int64_t most) { return random.between(least, most); };
    Settings settings = settings_for(pick(2, 60));
    settings.patience = 1h;
    settings.limits.in_flight = static_cast<int>(pick(1, 4));
    settings.backlog = static_cast<std::size_t>(pick(1, 10));
    settings.budget.when_short = static_cast<WhenShort>(pick(0, 2));
    NeedsRig rig{settings};
    auto const needed = static_cast<std::uint32_t>(pick(1, 3));
    auto const tasks = needed + static_cast<std::uint32_t>(pick(0, 30));
    for (std::uint32_t id = 0; id < tasks; ++id) {
      std::int64_t const luck = pick(0, 9);
      rig.luck[TaskId{id}] = luck < 5 ? static_cast<Luck>(luck) : Luck::made;
    }
    rig.engine().load_on_demand();
    rig.to_load = [&](std::uint32_t next) {
      if (next < needed) {
        rig.add_needed(TaskId{next});
      } else {
        std::vector<TaskId> needs;
        for (std::uint32_t id = 0; id < needed; ++id)
          if (pick(0, 1) == 1) needs.push_back(TaskId{id});
        rig.add_user(TaskId{next}, needs);
      }
      return next + 1 < tasks;
    };
    rig.go_on();
    CHECK(rig.engine().finished());
  }
}
