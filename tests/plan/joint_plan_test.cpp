#include "orchestrator/plan/joint_plan.hpp"

#include "tests/support/campaigns.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

using namespace callsheet;
using callsheet::test::shown;

namespace {

/// A manifest as text: where it is, and what stands in it.
struct Text {
  std::string path;
  std::string body;
};

manifest::Campaign campaign_of(Text const& text) {
  auto campaign = manifest::load_text(text.path, text.body);
  if (!campaign) FAIL(shown(campaign.error()));
  return *std::move(campaign);
}

Checked<plan::Plan> jointly(std::vector<Text> const& texts, std::vector<std::size_t>* routes = nullptr) {
  std::vector<manifest::Campaign> campaigns;
  for (Text const& text : texts) campaigns.push_back(campaign_of(text));
  plan::Plan plan;
  auto terms = plan::build_joint_plan(campaigns, *catalog::load(),
                                      {test::landscape_probe(), test::landscape_video_probe()},
                                      [&](plan::PlannedTask&& task, std::size_t route) {
                                        plan.tasks.push_back(std::move(task));
                                        if (routes != nullptr) routes->push_back(route);
                                      });
  if (!terms) return tl::unexpected{terms.error()};
  plan.terms = *std::move(terms);
  return plan;
}

plan::Plan good_jointly(std::vector<Text> const& texts, std::vector<std::size_t>* routes = nullptr) {
  auto plan = jointly(texts, routes);
  if (!plan) FAIL(shown(plan.error()));
  return *std::move(plan);
}

std::string joint_head(std::string const& name, std::string const& cap = "400") {
  return "version: 1\ncampaign: " + name + "\nbudget: {cap: " + cap + " credits}\n";
}

Text const spring{"/c/spring.yaml", joint_head("spring", "100") +
                                        "tasks:\n  - {name: a, prompt: buds, duration: 5, takes: 2}\n"};
Text const autumn{"/c/autumn.yaml",
                  joint_head("autumn", "300.5") + "tasks:\n  - {name: a, prompt: leaves}\n"};

}  // namespace

TEST_CASE("joint plan: tasks are named by campaign, and are and go where they would alone") {
  std::vector<std::size_t> routes;
  plan::Plan const both = good_jointly({spring, autumn}, &routes);
  plan::Plan const alone = good_jointly({spring});
  REQUIRE(both.tasks.size() == 3);
  CHECK(both.terms.campaign == "autumn + spring");
  CHECK(both.tasks[0].name == "autumn/a");
  CHECK(both.tasks[1].name == "spring/a");
  CHECK(alone.tasks[0].name == "a");
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(both.tasks[i + 1].identity == alone.tasks[i].identity);
    CHECK(both.terms.output_dir / both.tasks[i + 1].output == alone.terms.output_dir / alone.tasks[i].output);
  }
  CHECK(routes == std::vector<std::size_t>{0, 0, 0});  // the same models at the same prices
  CHECK(both.terms.axes == std::vector<std::string>{"campaign"});
  CHECK(both.tasks[1].labels == std::vector<plan::Label>{{"campaign", "spring"}});
}

TEST_CASE("joint plan: the order on the command line says nothing") {
  CHECK(good_jointly({spring, autumn}).terms.tasks_digest ==
        good_jointly({autumn, spring}).terms.tasks_digest);
  CHECK(good_jointly({spring, autumn}).terms.tasks_digest != good_jointly({spring}).terms.tasks_digest);
}

TEST_CASE("joint plan: the cap is the sum, and each campaign keeps its own and its groups'") {
  Text const grouped{
      "/c/winter.yaml",
      "version: 1\ncampaign: winter\nbudget: {cap: 50 credits, groups: {locale: {de: 20 credits}}}\n"
      "matrix: {locale: [en, de]}\ntasks:\n  - {name: \"{{ locale }}\", prompt: \"{{ locale }}\"}\n"};
  plan::Plan const plan = good_jointly({spring, grouped});
  CHECK(plan.terms.budget.cap == Credits::whole(150));
  REQUIRE(plan.terms.budget.groups.size() == 3);
  CHECK(plan.terms.budget.groups[0] == GroupCap{"campaign", "spring", Credits::whole(100)});
  CHECK(plan.terms.budget.groups[1] == GroupCap{"campaign", "winter", Credits::whole(50)});
  CHECK(plan.terms.budget.groups[2] == GroupCap{"locale", "de of winter", Credits::whole(20)});
  std::map<std::string, std::vector<int>> groups;
  for (plan::PlannedTask const& task : plan.tasks)
    groups[task.name] = {task.groups.begin(), task.groups.end()};
  CHECK(groups.at("spring/a") == std::vector<int>{0});
  CHECK(groups.at("winter/en") == std::vector<int>{1});
  CHECK(groups.at("winter/de") == std::vector<int>{1, 2});
}

TEST_CASE("joint plan: limits are the strictest of all") {
  Text const fast{"/c/fast.yaml", joint_head("fast") +
                                      "limits: {rate: 50/1m, in_flight: 30, models: {kling-v3-text-to-video: "
                                      "{in_flight: 4}}}\ntasks:\n  - {name: a, prompt: x}\n"};
  Text const slow{"/c/slow.yaml", joint_head("slow") +
                                      "limits: {rate: 30/1m, in_flight: 40, models: {kling-v3-text-to-video: "
                                      "{in_flight: 7}}}\ntasks:\n  - {name: a, prompt: y}\n"};
  Limits const limits = good_jointly({fast, slow}).terms.limits;
  REQUIRE(limits.rate);
  CHECK(limits.rate->count == 30);
  CHECK(limits.rate->burst == 6);
  CHECK(limits.in_flight == 30);
  CHECK(limits.models.at(ModelId{"kling-v3-text-to-video"}).in_flight == 4);
  CHECK_FALSE(good_jointly({spring, autumn}).terms.limits.rate);
  Text const other{"/c/other.yaml",
                   joint_head("other") + "limits: {rate: 1/1s}\ntasks:\n  - {name: a, prompt: z}\n"};
  auto const mixed = jointly({fast, other});
  REQUIRE_FALSE(mixed);
  CHECK(shown(mixed.error())
            .find("other.yaml:4:16: error: `limits.rate` is of another window than what fast says "
                  "(/c/fast.yaml:4:16)") != std::string::npos);
}

TEST_CASE("joint plan: an element of several campaigns is made once, on the account of the first") {
  auto const cast = [](std::string const& name) {
    return Text{"/c/" + name + ".yaml",
                joint_head(name) +
                    "elements:\n  fox: {description: a red fox, frontal: fox.png, references: [side.png]}\n"
                    "defaults: {model: kling-o3-image-to-video}\n"
                    "tasks:\n  - {name: walk, prompt: \"<<<element_1>>> walks in " +
                    name + "\", mode: image-to-video, image_start: a.png, elements: [fox]}\n"};
  };
  std::vector<std::size_t> routes;
  auto const both = jointly({cast("spring"), cast("autumn")}, &routes);
  if (!both) FAIL(shown(both.error()));
  REQUIRE(both->tasks.size() == 3);
  CHECK(both->tasks[0].name == "autumn/element fox");
  CHECK(both->tasks[1].name == "autumn/walk");
  CHECK(both->tasks[2].name == "spring/walk");
  CHECK(both->tasks[2].request.elements.at(0).made_by == both->tasks[0].identity);
  CHECK(both->tasks[0].groups == both->tasks[1].groups);
  CHECK(routes == std::vector<std::size_t>{0, 1, 1});
}

TEST_CASE("joint plan: what cannot be one run is told at both places") {
  struct Case {
    char const* name;
    std::string first, second;
    char const* told;
  };
  std::string const one = "tasks:\n  - {name: a, prompt: x}\n";
  std::string const other = "tasks:\n  - {name: b, prompt: y}\n";
  for (
      Case const& c : {
          Case{"equal names", joint_head("spring") + one, joint_head("spring") + other,
               "/c/b.yaml:2:11: error: `spring` is the campaign of /c/a.yaml:2:11 too"},
          Case{"the same clip", joint_head("spring") + one, joint_head("summer") + one,
               "/c/b.yaml:5:5: error: task `a` of summer asks for the very same clip as task `a` of spring "
               "(/c/a.yaml:5:5)"},
          Case{
              "one file", joint_head("spring") + one + "outputs: {dir: out, file: x.mp4}\n",
              joint_head("summer") + other + "outputs: {dir: out, file: x.mp4}\n",
              "/c/b.yaml:5:5: error: task `b` of summer writes to the same file 'x.mp4' as task `a` of spring "
              "(/c/a.yaml:5:5)"},
          Case{"folders far apart", joint_head("spring") + one + "outputs: {dir: a/out}\n",
               joint_head("summer") + other + "outputs: {dir: out}\n",
               "/c/b.yaml:6:16: error: summer goes to '/c/out'"},
          Case{
              "a threshold of one", joint_head("spring") + "thresholds: [\"failed_ratio < 0.1\"]\n" + one,
              joint_head("summer") + other,
              "/c/b.yaml:1:1: error: `thresholds` holds for a run as a whole, and summer says nothing of it, "
              "unlike spring (/c/a.yaml:4:1)"},
          Case{
              "other caps of the day",
              "version: 1\ncampaign: spring\nbudget: {cap: 9 credits, daily: 20 credits}\n" + one,
              "version: 1\ncampaign: summer\nbudget: {cap: 9 credits, daily: 30 credits}\n" + other,
              "/c/b.yaml:3:33: error: `budget.daily` holds for a run as a whole, and summer says something else "
              "than spring (/c/a.yaml:3:33)"},
      }) {
    CAPTURE(c.name);
    auto const plan = jointly({{"/c/a.yaml", c.first}, {"/c/b.yaml", c.second}});
    REQUIRE_FALSE(plan);
    CAPTURE(shown(plan.error()));
    CHECK(shown(plan.error()).find(c.told) != std::string::npos);
  }
}

TEST_CASE("joint plan: the campaigns can be read from its name") {
  CHECK(plan::campaigns_in("autumn + spring") == std::vector<std::string>{"autumn", "spring"});
  CHECK(plan::campaigns_in("spring") == std::vector<std::string>{"spring"});
}
