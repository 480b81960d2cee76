#include "orchestrator/plan/outline.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::plan;

namespace {

OutlinedTask task(std::string const& name, std::string const& request, std::int64_t credits) {
  return {.name = name,
          .identity = TaskIdentity{"identity of " + request},
          .request = request,
          .prices = {{.model = ModelId{"kling-a"},
                      .quality = Quality::p720,
                      .expected = Credits::whole(credits),
                      .most = Credits::whole(credits)}},
          .output = name + ".mp4"};
}

Outline outline(std::vector<OutlinedTask> tasks) {
  return {.campaign = "spring",
          .manifests = {"/spring.yaml"},
          .gateway = "evolink",
          .terms = R"({"budget":{"cap":4000000},"output_dir":"/here","tasks_digest":"a"})",
          .tasks = std::move(tasks)};
}

std::vector<std::string> names(std::vector<OutlinedTask> const& tasks) {
  std::vector<std::string> names;
  for (OutlinedTask const& one : tasks) names.push_back(one.name);
  return names;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("outline: elements are told by their names, not by what they are known by") {
  auto const shows = [](std::string const& element) {
    return R"({"elements":[{"element":")" + element + R"("},"el_7"],"prompt":"p"})";
  };
  OutlinedTask const fox = task("element fox", "fox", 1);
  OutlinedTask const other_fox = task("element fox", "red fox", 1);
  OutlinedTask const owl = task("element owl", "owl", 1);
  Outline const before = outline({fox, task("walk", shows(fox.identity.str()), 10)});
  auto const change = [&](OutlinedTask const& element) {
    OutlineDifference const difference =
        compare(before, outline({element, task("walk", shows(element.identity.str()), 10)}));
    return difference.changed.empty() ? Texts{} : difference.changed.back().what;
  };
  CHECK(change(owl) == Texts{"elements element fox, el_7 -> element owl, el_7"});
  CHECK(change(other_fox) == Texts{"elements made anew: element fox, el_7"});
}

TEST_CASE("outline: a plan is carried out when all of it is made, and nothing else moved") {
  Outline const pinned = outline({task("a", R"({"prompt":"a"})", 10), task("b", R"({"prompt":"b"})", 20)});
  Outline now = pinned;
  CHECK_FALSE(is_carried_out(pinned, now));
  now.tasks[0].known = "made";
  CHECK_FALSE(is_carried_out(pinned, now));
  now.tasks[1].known = "made";
  CHECK(is_carried_out(pinned, now));
  now.gateway = "local";
  CHECK_FALSE(is_carried_out(pinned, now));
}

TEST_CASE("outline: clips are compared by name, and known by what they are") {
  Outline const before = outline(
      {task("same", R"({"prompt":"a"})", 10), task("gone", R"({"prompt":"b"})", 20),
       task("longer", R"({"duration":5,"prompt":"c"})", 25), task("old-name", R"({"prompt":"d"})", 30)});
  Outline const after = outline({task("same", R"({"prompt":"a"})", 10), task("new", R"({"prompt":"e"})", 15),
                                 task("longer", R"({"duration":8,"prompt":"c"})", 40),
                                 task("new-name", R"({"prompt":"d"})", 30)});
  OutlineDifference const difference = compare(before, after);
  CHECK(names(difference.added) == Texts{"new"});
  CHECK(names(difference.removed) == Texts{"gone"});
  REQUIRE(difference.changed.size() == 1);
  CHECK(difference.changed[0].what == Texts{"duration 5 -> 8"});
  REQUIRE(difference.renamed.size() == 1);
  CHECK(difference.renamed[0].before.name == "old-name");
  CHECK(difference.renamed[0].after.name == "new-name");
  CHECK(difference.same == 1);
  CHECK(difference.cost_before == Credits::whole(85));
  CHECK(difference.cost_after == Credits::whole(95));
  // The renamed clip is linked, not bought.
  CHECK(difference.to_buy == 2);
  CHECK(difference.new_spend == Credits::whole(55));
  CHECK(moved(before, after) ==
        Texts{"new: added", "gone: gone", "old-name: now new-name", "longer: duration 5 -> 8"});
}

TEST_CASE("outline: long texts are shown where they differ") {
  std::string const same = "ein Hafen im Morgenlicht, Möwen über dem Wasser, weite Einstellung, ";
  Outline const before = outline({task("a", R"({"prompt":")" + same + R"(ruhige See"})", 10)});
  Outline const after = outline({task("a", R"({"prompt":")" + same + R"(stürmische See"})", 10)});
  OutlineDifference const difference = compare(before, after);
  REQUIRE(difference.changed.size() == 1);
  CHECK(difference.changed[0].what ==
        Texts{"prompt … weite Einstellung, ruhige See -> … weite Einstellung, stürmische See"});
}

TEST_CASE("outline: two clips that change names are the same two clips") {
  Outline const before = outline({task("a", R"({"prompt":"1"})", 10), task("b", R"({"prompt":"2"})", 20)});
  Outline const after = outline({task("b", R"({"prompt":"1"})", 10), task("a", R"({"prompt":"2"})", 20)});
  OutlineDifference const difference = compare(before, after);
  CHECK(difference.renamed.size() == 2);
  CHECK(difference.to_buy == 0);
  CHECK(difference.removed.empty());
  CHECK(difference.changed.empty());
}

TEST_CASE("outline: a clip whose name another takes over is gone") {
  Outline const before = outline({task("a", R"({"prompt":"x"})", 10), task("b", R"({"prompt":"y"})", 20)});
  Outline const after = outline({task("a", R"({"prompt":"y"})", 20)});
  OutlineDifference const difference = compare(before, after);
  CHECK(names(difference.removed) == Texts{"a"});
  CHECK(difference.renamed.size() == 1);
  CHECK(difference.cost_before - difference.cost_after == Credits::whole(10));
}

TEST_CASE("outline: the old plan's clips count only where they may be taken") {
  Outline const plan = outline({task("a", R"({"prompt":"x"})", 10)});
  Outline fresh = plan;
  fresh.fresh = true;
  CHECK(compare(plan, fresh).to_buy == 1);
  CHECK(compare(plan, fresh).new_spend == Credits::whole(10));
  Outline elsewhere = plan;
  elsewhere.gateway = "local";
  CHECK(compare(elsewhere, plan).to_buy == 1);
  CHECK(compare(plan, plan).to_buy == 0);
}

TEST_CASE("outline: what the ledger has is not bought") {
  OutlinedTask made = task("a", R"({"prompt":"1"})", 10);
  made.known = "made";
  made.to_buy = false;
  OutlineDifference const difference = compare(outline({}), outline({made}));
  CHECK(difference.to_buy == 0);
  CHECK(difference.new_spend == Credits{});
  CHECK(difference.cost_after == Credits::whole(10));
  CHECK(compare(outline({made}), outline({made})).same == 1);
}

TEST_CASE("outline: whatever moved is named, and nothing else") {
  Outline const pinned = outline({task("a", R"({"prompt":"1"})", 10)});
  CHECK(moved(pinned, pinned).empty());

  SUBCASE("another folder, as on another machine, is no matter") {
    Outline now = pinned;
    now.terms = R"({"budget":{"cap":4000000},"output_dir":"/there","tasks_digest":"a"})";
    CHECK(moved(pinned, now).empty());
  }
  SUBCASE("the budget") {
    Outline now = pinned;
    now.terms = R"({"budget":{"cap":5000000},"output_dir":"/here","tasks_digest":"a"})";
    CHECK(moved(pinned, now) == Texts{"budget.cap 400 credits -> 500 credits"});
  }
  SUBCASE("a price") {
    Outline now = outline({task("a", R"({"prompt":"1"})", 12)});
    CHECK(moved(pinned, now) == Texts{"a: kling-a at 720p for 10 credits -> kling-a at 720p for 12 credits"});
  }
  SUBCASE("the price of a fallback") {
    Outline now = pinned;
    now.tasks[0].prices.push_back(now.tasks[0].prices[0]);
    CHECK(moved(pinned, now) == Texts{"a: other fallbacks, or at other prices"});
  }
  SUBCASE("what the ledger knows") {
    Outline now = pinned;
    now.tasks[0].known = "made";
    CHECK(moved(pinned, now) == Texts{"a: was new, is made"});
  }
  SUBCASE("but for a clip that was brought home since") {
    Outline then = pinned;
    then.tasks[0].known = "outstanding";
    Outline now = pinned;
    now.tasks[0].known = "made";
    CHECK(moved(then, now).empty());
    now.tasks[0].known = "new";
    CHECK(moved(then, now) == Texts{"a: was outstanding, is new"});
  }
  SUBCASE("where the clip goes") {
    Outline now = pinned;
    now.tasks[0].output = "b.mp4";
    CHECK(moved(pinned, now) == Texts{"a: file a.mp4 -> b.mp4"});
  }
  SUBCASE("until when it may be submitted") {
    Outline now = pinned;
    now.tasks[0].deadline = "2h";
    CHECK(moved(pinned, now) == Texts{"a: deadline none -> 2h"});
    CHECK(moved(now, pinned) == Texts{"a: deadline 2h -> none"});
  }
  SUBCASE("the gateway") {
    Outline now = pinned;
    now.gateway = "local";
    CHECK(moved(pinned, now) == Texts{"gateway evolink -> local"});
  }
  SUBCASE("the qualities a clip may fall back to") {
    Outline now = pinned;
    now.tasks[0].identity = TaskIdentity{"another"};
    CHECK(moved(pinned, now) == Texts{"a: other qualities to fall back to"});
  }
}

TEST_CASE("plan file: an address that was pinned may not have other content") {
  std::vector<plan::PinnedInput> const pinned{{"https://a.example/1.jpg", ContentDigest{"11"}},
                                              {"https://a.example/2.jpg", ContentDigest{"22"}}};
  CHECK(plan::moved(pinned, pinned).empty());
  std::vector<plan::PinnedInput> const now{{"https://a.example/2.jpg", ContentDigest{"23"}},
                                           {"https://a.example/new.jpg", ContentDigest{"44"}}};
  CHECK(plan::moved(pinned, now) == std::vector<std::string>{"https://a.example/2.jpg: other content"});
  CHECK(plan::moved({}, now).empty());
}
