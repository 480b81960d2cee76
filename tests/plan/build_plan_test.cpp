#include "orchestrator/plan/build_plan.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "tests/support/campaigns.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace callsheet;
using callsheet::test::plan_of;
using callsheet::test::shown;

namespace {

std::string const head = "version: 1\ncampaign: spring\nbudget: {cap: 400 credits}\n";

plan::Plan good_plan(std::string const& text) {
  Checked<plan::Plan> plan = plan_of(text);
  if (!plan) FAIL(shown(plan.error()));
  return *std::move(plan);
}

}  // namespace

TEST_CASE("plan: the quickstart makes twelve clips that fit its cap") {
  auto const campaign = manifest::load(CALLSHEET_SOURCE_DIR "/manifests/quickstart.yaml");
  if (!campaign) FAIL(shown(campaign.error()));
  auto const catalog = catalog::load();
  REQUIRE(catalog);
  auto const made =
      plan::build_plan(*campaign, *catalog, {test::landscape_probe(), test::landscape_video_probe()});
  if (!made) FAIL(shown(made.error()));
  CHECK(made->tasks.size() == 12);
  Credits sum;
  std::set<std::string> outputs;
  for (plan::PlannedTask const& task : made->tasks) {
    REQUIRE_FALSE(task.route->candidates.empty());
    sum += task.route->candidates.front().most;
    outputs.insert(task.output.string());
  }
  CHECK(sum <= made->terms.budget.cap);
  CHECK(outputs.size() == 12);
  CHECK(made->terms.catalog_name == "evolink 2026-10-10");
}

TEST_CASE("plan: every example manifest can be carried out as it stands, within its cap") {
  for (char const* name : {"nightly", "social"}) {
    CAPTURE(name);
    auto const campaign = manifest::load(std::string{CALLSHEET_SOURCE_DIR "/manifests/"} + name + ".yaml");
    if (!campaign) FAIL(shown(campaign.error()));
    ImageProbe const probe = [](std::string const& path) -> Result<ImageFacts> {
      ImageFacts facts = *test::landscape_probe()(path);
      if (path.find("portrait") != std::string::npos) std::swap(facts.width, facts.height);
      return facts;
    };
    auto const made = plan::build_plan(*campaign, *catalog::load(), {probe, test::landscape_video_probe()});
    if (!made) FAIL(shown(made.error()));
    Credits sum;
    for (plan::PlannedTask const& task : made->tasks) sum += task.route->candidates.front().most;
    CHECK(sum <= made->terms.budget.cap);
  }
}

TEST_CASE("plan: candidates come by price of this very request, with what stands against the others") {
  auto const plan =
      good_plan(head + "tasks:\n  - {name: a, prompt: p, duration: 5, quality: 1080p, sound: \"on\"}\n");
  plan::Route const& route = *plan.tasks.at(0).route;
  REQUIRE(route.candidates.size() == 2);
  CHECK(route.candidates[0].model.str() == "kling-o3-text-to-video");  // 9.0018 a second with sound
  CHECK(route.candidates[0].expected == *Credits::parse("45.009"));
  CHECK(route.candidates[1].model.str() == "kling-v3-text-to-video");  // 10.8
  REQUIRE(route.left_out.size() == 1);
  CHECK(route.left_out[0].why == "kling-v3-turbo-text-to-video makes no sound");
}

TEST_CASE("plan: equal prices keep the catalog's order, and rungs of a ladder come one after the other") {
  auto const plan = good_plan(head + "tasks:\n  - {name: a, prompt: p, quality: [1080p, 720p]}\n");
  std::vector<std::string> shown_route;
  for (auto const& one : plan.tasks.at(0).route->candidates)
    shown_route.push_back(one.model.str() + " " + std::string{to_string(one.quality)} + " " +
                          to_string(one.expected));
  CHECK(shown_route ==
        std::vector<std::string>{"kling-v3-text-to-video 1080p 36.018", "kling-o3-text-to-video 1080p 36.018",
                                 "kling-v3-turbo-text-to-video 1080p 45", "kling-v3-text-to-video 720p 27",
                                 "kling-o3-text-to-video 720p 27", "kling-v3-turbo-text-to-video 720p 36"});
}

TEST_CASE("plan: allow, pin, price ratio and ceiling each narrow the route") {
  struct Case {
    char const* name;
    char const* settings;
    char const* task;
    std::vector<std::string> models;
  };
  std::string const v3 = "kling-v3-text-to-video";
  std::string const turbo = "kling-v3-turbo-text-to-video";
  std::string const o3 = "kling-o3-text-to-video";
  for (Case const& c :
       {Case{"all", "", "", {v3, o3, turbo}},
        Case{"allow", "fallback: {allow: [\"kling-v3-*\"]}\n", "", {v3, turbo}},
        Case{"ratio", "fallback: {max_price_ratio: 1.3}\n", "", {v3, o3}},
        Case{"ratio is inclusive", "fallback: {max_price_ratio: 1.3334}\n", "", {v3, o3, turbo}},
        Case{"pin", "", ", model: kling-o3-text-to-video", {o3}},
        Case{"negative prompt", "", ", negative_prompt: n", {v3}},
        Case{"watermark", "", ", watermark: false", {v3, o3}},
        Case{"shots auto", "", ", shots: auto", {v3}}}) {
    CAPTURE(c.name);
    auto const plan = good_plan(head + c.settings + "tasks:\n  - {name: a, prompt: p" + c.task + "}\n");
    std::vector<std::string> models;
    for (auto const& one : plan.tasks.at(0).route->candidates) models.push_back(one.model.str());
    CHECK(models == c.models);
  }
  auto const capped = good_plan(
      "version: 1\ncampaign: c\nbudget: {cap: 400, per_task: 30}\n"
      "tasks:\n  - {name: a, prompt: p, quality: [1080p, 720p]}\n");
  REQUIRE_FALSE(capped.tasks.at(0).route->candidates.empty());
  CHECK(capped.tasks[0].route->candidates.front().quality == Quality::p720);
}

TEST_CASE("plan: a first frame of the asked shape stands in for an aspect ratio the model does not take") {
  auto const plan =
      good_plan(head + "tasks:\n  - {name: a, image_start: wide.jpg, aspect_ratio: \"16:9\", prompt: p}\n");
  CHECK(plan.tasks.at(0).route->candidates.at(0).model.str() == "kling-v3-image-to-video");
  auto const other =
      good_plan(head + "tasks:\n  - {name: a, image_start: wide.jpg, aspect_ratio: \"1:1\", prompt: p}\n");
  CHECK(other.tasks.at(0).route->candidates.at(0).model.str() == "kling-o3-image-to-video");
  CHECK(other.tasks.at(0).route->left_out.at(0).why ==
        "kling-v3-image-to-video follows the shape of the first frame, which is 1280x720, not 1:1");
}

TEST_CASE("plan: each picture is probed once and its digest is part of the request") {
  std::map<std::string, int> probed;
  ImageProbe const probe = [&](std::string const& path) -> Result<ImageFacts> {
    ++probed[path];
    return test::landscape_probe()(path);
  };
  auto const plan = plan_of(head +
                                "matrix: {n: [1, 2, 3]}\ntasks:\n  - {name: \"a{{ n }}\", prompt: \"p {{ n "
                                "}}\", image_start: x.jpg}\n",
                            probe);
  REQUIRE(plan);
  CHECK(probed.size() == 1);
  CHECK(probed.begin()->second == 1);
  CHECK_FALSE(plan->tasks.at(0).request.image_start->digest.empty());
}

TEST_CASE("plan: takes share everything but number, file and identity") {
  auto const plan = good_plan(head + "tasks:\n  - {name: a, prompt: p, takes: 3}\n");
  REQUIRE(plan.tasks.size() == 3);
  CHECK(plan.tasks[2].take == 3);
  CHECK(plan.tasks[2].output == "a-3.mp4");
  CHECK(plan.tasks[0].route == plan.tasks[2].route);
  CHECK(plan.tasks[0].identity != plan.tasks[2].identity);
}

TEST_CASE("plan: equal routes are kept once") {
  auto const plan =
      good_plan(head +
                "matrix: {n: [1, 2, 3]}\ntasks:\n  - {name: \"a{{ n }}\", prompt: \"p {{ n }}\"}\n"
                "  - {name: b, prompt: p, duration: 3}\n");
  REQUIRE(plan.tasks.size() == 4);
  std::map<std::string, std::shared_ptr<plan::Route const>> routes;
  for (plan::PlannedTask const& task : plan.tasks) routes[task.name] = task.route;
  CHECK(routes.at("a1") == routes.at("a3"));
  CHECK(routes.at("a1") != routes.at("b"));
}

TEST_CASE("plan: tasks know which group caps they count against") {
  auto const plan = good_plan(
      "version: 1\ncampaign: c\nbudget: {cap: 400, groups: {locale: {de: 100, en: 50}, tone: {loud: 9}}}\n"
      "matrix: {locale: [en, de, fr], tone: [loud, soft]}\n"
      "tasks:\n  - {name: \"{{ locale }} {{ tone }}\", prompt: \"{{ locale }} {{ tone }}\"}\n");
  for (plan::PlannedTask const& task : plan.tasks) {
    std::vector<std::string> named;
    for (std::uint16_t const group : task.groups)
      named.push_back(plan.terms.budget.groups.at(group).axis + " " +
                      plan.terms.budget.groups.at(group).value);
    std::vector<std::string> expected;
    for (auto const& [axis, value] : task.labels)
      if (value != "fr" && value != "soft") expected.push_back(axis + " " + value);
    CAPTURE(task.name);
    CHECK(named == expected);
  }
}

TEST_CASE("plan: more groups with a cap than can be kept apart are refused, and no cap is lost") {
  std::string values;
  for (std::size_t value = 0; value <= GroupSet::groups_most; ++value) values += fmt::format("{}, ", value);
  std::string const manifest = "version: 1\ncampaign: c\nbudget: {cap: 400, groups: {n: 9}}\nmatrix: {n: [" +
                               values +
                               "]}\ntasks:\n  - {name: \"a{{ n }}\", prompt: \"p {{ n }}\", duration: 3}\n";
  auto const plan = plan_of(manifest);
  REQUIRE(!plan);
  REQUIRE(plan.error().size() == 1);
  CHECK(plan.error().front().what == "65536 groups have a cap of their own, and a run can keep 65535 apart");
  CHECK(plan.error().front().where.line == 3);
}

TEST_CASE("plan codec: tasks, routes and terms come back as they were") {
  auto const plan = good_plan(
      "version: 1\ncampaign: c\n"
      "budget: {cap: 400.5, per_task: 60, daily: 1000, when_short: degrade, groups: {locale: {de: 70}}}\n"
      "limits: {rate: 50/1m, burst: 7, in_flight: 3, patience: 45m, models: {kling-v3-image-to-video: "
      "{in_flight: 2, "
      "rate: 2/s}}}\n"
      "fallback: {refused_content: next_model}\n"
      "deadline: 2026-12-01T18:00:00+01:00\n"
      "gateway: {idempotency: honoured, task_list: exclusive}\n"
      "webhooks: {listen: '[::1]:8443', public_url: 'https://hooks.example.com/callsheet', "
      "tls: {certificate: /tls/chain.pem, key: /tls/key.pem}}\n"
      "thresholds: [\"failed_ratio < 0.05\", {check: \"cost_per_clip < 40 credits\", grace: 5, stop: true}]\n"
      "matrix: {locale: [en, de]}\n"
      "tasks:\n  - {name: \"a {{ locale }}\", prompt: \"ä {{ locale }}\", image_start: wide.jpg, quality: "
      "[1080p, 720p], takes: 2, tags: [hero, \"{{ locale }}\"], deadline: 90m}\n"
      "  - {name: b, shots: [{prompt: x, duration: 2}, {prompt: y, duration: 3}]}\n");
  for (plan::PlannedTask const& task : plan.tasks) {
    std::string const text = plan::encode_task(task);
    auto const back = plan::decode_task(text);
    REQUIRE(back);
    CHECK(plan::encode_task(*back) == text);
    CHECK(back->name == task.name);
    CHECK(back->request == task.request);
    CHECK(back->labels == task.labels);
    CHECK(back->tags == task.tags);
    CHECK(back->deadline == task.deadline);
    CHECK(back->groups == task.groups);
    CHECK(back->ladder == task.ladder);
    CHECK(back->output == task.output);
    auto const route = plan::decode_route(plan::encode_route(*task.route));
    REQUIRE(route);
    CHECK(*route == *task.route);
  }
  auto const back = plan::decode_terms(plan::encode_terms(plan.terms));
  REQUIRE(back);
  CHECK(back->budget == plan.terms.budget);
  CHECK(back->limits == plan.terms.limits);
  CHECK(back->limits.rate->burst == 7);
  CHECK(back->thresholds == plan.terms.thresholds);
  CHECK(back->thresholds.size() == 2);
  CHECK(back->refused_content == RefusedContent::next_model);
  CHECK(back->webhooks ==
        Webhooks{.address = "::1",
                 .port = 8443,
                 .public_url = "https://hooks.example.com/callsheet",
                 .tls = Webhooks::Tls{.certificate = "/tls/chain.pem", .key = "/tls/key.pem"}});
  CHECK(back->trust == GatewayTrust{.idempotency = Idempotency::honoured, .listing = Listing::exclusive});
  CHECK(back->patience == std::chrono::minutes{45});
  REQUIRE(back->deadline);
  CHECK(to_string(*back->deadline) == "2026-12-01T17:00:00Z");
  CHECK(back->deadline == plan.terms.deadline);
  CHECK(back->output_dir == plan.terms.output_dir);
  CHECK(back->campaign == plan.terms.campaign);
  CHECK(back->catalog_name == plan.terms.catalog_name);
  CHECK(back->tasks_digest == plan.terms.tasks_digest);
  std::string const terms = plan::encode_terms(plan.terms);
  std::string const rate = "\"credits_per_usd\":";
  std::size_t const at = terms.find(rate) + rate.size();
  for (char const* bad : {"0", "-68", "1000001", "9223372036854775807"}) {
    std::string other = terms;
    other.replace(at, terms.find_first_of(",}", at) - at, bad);
    CHECK_FALSE(plan::decode_terms(other));
  }
  for (char const* bad : {"", "{}", "no json", "[]"}) {
    CHECK_FALSE(plan::decode_task(bad));
    CHECK_FALSE(plan::decode_route(bad));
    CHECK_FALSE(plan::decode_terms(bad));
  }
}

TEST_CASE("plan: tags are no part of a clip: tagged anew it is the same, and so is the plan") {
  std::string const plain = head + "tasks: [{name: a, prompt: p}, {name: b, prompt: q}]\n";
  std::string const tagged =
      head +
      "defaults: {tags: [draft]}\ntasks: [{name: a, prompt: p, tags: [hero, paid, hero]}, {name: b, prompt: q}]\n";
  auto const before = good_plan(plain);
  auto const after = good_plan(tagged);
  REQUIRE(after.tasks.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(before.tasks[i].identity == after.tasks[i].identity);
  CHECK(before.terms.tasks_digest == after.terms.tasks_digest);
  CHECK(after.tasks[0].tags == std::vector<std::string>{"hero", "paid"});
  CHECK(after.tasks[1].tags == std::vector<std::string>{"draft"});
}

TEST_CASE("plan: a deadline is no part of a clip") {
  auto const before = good_plan(head + "tasks: [{name: a, prompt: p}]\n");
  auto const after = good_plan(head + "deadline: 2h\ntasks: [{name: a, prompt: p, deadline: 30m}]\n");
  CHECK(before.tasks.at(0).identity == after.tasks.at(0).identity);
  CHECK(after.tasks[0].deadline == parse_deadline("30m"));
  // Of the plan a task's own is: a run that was begun does not go on under another one. The campaign's is
  // told apart.
  auto const shared = good_plan(head + "deadline: 2h\ntasks: [{name: a, prompt: p}]\n");
  CHECK(before.terms.tasks_digest == shared.terms.tasks_digest);
  CHECK(before.terms.tasks_digest != after.terms.tasks_digest);
}

TEST_CASE("plan: of all tasks those that are chosen are handed on") {
  std::string const text =
      head +
      "matrix: {locale: [en, de]}\n"
      "tasks:\n"
      "  - {name: \"hero {{ locale }}\", prompt: \"p {{ locale }}\", tags: [hero, \"{{ locale }}\"], takes: 2}\n"
      "  - {name: draft, prompt: q, tags: [hero, draft]}\n"
      "  - {name: bare, prompt: r}\n";
  auto const campaign = manifest::load_text("/campaigns/test.yaml", text);
  REQUIRE(campaign);
  auto const catalog = catalog::load();
  REQUIRE(catalog);
  struct Case {
    plan::ChoiceWords asked;
    std::string names;
    std::string mistake;
  };
  for (Case const& c :
       {Case{{}, "hero en,hero en,draft,bare,hero de,hero de,", ""},
        Case{{.tags = {"hero"}}, "hero en,hero en,draft,hero de,hero de,", ""},
        Case{{.tags = {"hero", "!draft"}}, "hero en,hero en,hero de,hero de,", ""},
        Case{{.tags = {"draft", "de"}}, "draft,hero de,hero de,", ""}, Case{{.tags = {"!hero"}}, "bare,", ""},
        Case{{.tags = {"!never"}}, "hero en,hero en,draft,bare,hero de,hero de,", ""},
        Case{{.tags = {"heroo"}}, "", "--tag: no task has the tag `heroo`"},
        Case{{.tags = {"draft", "!draft"}}, "", "--tag draft --tag '!draft' leaves no task to make"},
        Case{{.names = {"hero *"}}, "hero en,hero en,hero de,hero de,", ""},
        Case{{.names = {"bare", "* de"}}, "bare,hero de,hero de,", ""},
        Case{{.tags = {"en"}, .names = {"hero *"}}, "hero en,hero en,", ""},
        Case{{.tags = {"en"}, .names = {"bare"}}, "", "--tag en --only bare leaves no task to make"},
        Case{{.names = {"bare", "her"}}, "bare,", "--only: no task's name matches `her`"},
        // One take of each, and no more tasks than there are.
        Case{{.sample = 9}, "hero en,draft,bare,hero de,", ""},
        Case{{.names = {"hero *"}, .sample = 9}, "hero en,hero de,", ""}}) {
    CAPTURE(plan::to_flags(c.asked));
    auto const choice = plan::TaskChoice::parse(c.asked);
    REQUIRE(choice);
    std::string names;
    std::size_t routes = 0;
    auto const terms = plan::build_plan(
        *campaign, *catalog, {test::landscape_probe(), test::landscape_video_probe()},
        [&](plan::PlannedTask&& task, std::size_t route) {
          names += task.name + ',';
          CHECK(route <= routes);
          routes = std::max(routes, route + 1);
        },
        *choice);
    CHECK(names == c.names);
    CHECK(terms.has_value() == c.mistake.empty());
    if (terms)
      CHECK(plan::decode_terms(plan::encode_terms(*terms))->choice == choice->words());
    else
      CHECK(terms.error().front().what == c.mistake);
  }
  CHECK_FALSE(plan::TaskChoice::parse({.tags = {"!"}}));
  CHECK_FALSE(plan::TaskChoice::parse({.names = {"bare", ""}}));
  CHECK(plan::to_flags({.tags = {"!a"}, .names = {"it's *"}, .sample = 3}) ==
        R"(--tag '!a' --only 'it'\''s *' --sample 3)");
}

TEST_CASE("plan: of retakes each is what its prompt makes it, and stands for the take of the manifest") {
  std::string const text = head +
                           "tasks:\n  - {name: hero, prompt: a hero, takes: 3}\n"
                           "  - {name: villain, prompt: a villain}\n";
  plan::Plan const all = good_plan(text);
  REQUIRE(all.tasks.size() == 4);
  auto const campaign = manifest::load_text("spring.yaml", text);
  auto const replanned = [&](plan::Retakes const& retakes) {
    std::vector<plan::PlannedTask> tasks;
    auto const terms = plan::build_plan(
        *campaign, *catalog::load(), {test::landscape_probe(), test::landscape_video_probe()},
        [&](plan::PlannedTask&& task, std::size_t) { tasks.push_back(std::move(task)); }, {}, &retakes);
    if (!terms) FAIL(shown(terms.error()));
    return std::pair{std::move(tasks), terms->tasks_digest};
  };
  auto const [tasks, digest] =
      replanned({{all.tasks[1].identity, {}}, {all.tasks[2].identity, {.prompt = "a calmer hero"}}});
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].take == 2);
  CHECK(tasks[0].identity == all.tasks[1].identity);
  CHECK(tasks[0].stands_for == tasks[0].identity);
  CHECK(tasks[0].output == all.tasks[1].output);
  CHECK(tasks[1].take == 3);
  CHECK(tasks[1].request.prompt == "a calmer hero");
  CHECK(tasks[1].stands_for == all.tasks[2].identity);
  // Written into the manifest, that prompt asks for the very same clip.
  plan::Plan const rewritten =
      good_plan(head + "tasks:\n  - {name: hero, prompt: a calmer hero, takes: 3}\n");
  CHECK(tasks[1].identity == rewritten.tasks[2].identity);
  // A prompt that is the manifest's own changes nothing; another one is another plan.
  auto const [same, same_digest] = replanned({{all.tasks[3].identity, {.prompt = "a villain"}}});
  CHECK(same.front().stands_for == same.front().identity);
  CHECK(same.front().identity == all.tasks[3].identity);
  CHECK(same_digest == replanned({{all.tasks[3].identity, {}}}).second);
  CHECK(good_plan(text).tasks[3].stands_for.empty());
  CHECK(same_digest != replanned({{all.tasks[3].identity, {.prompt = "a worse villain"}}}).second);
  CHECK(replanned({}).first.empty());
}

TEST_CASE("plan: a retake takes no other clip's place, and its mistakes are told where it is asked for") {
  std::string const text = head +
                           "tasks:\n  - {name: hero, prompt: a hero, takes: 2}\n"
                           "  - {name: villain, prompt: a villain}\n";
  plan::Plan const all = good_plan(text);
  REQUIRE(all.tasks.size() == 3);
  TaskIdentity const hero = all.tasks[0].identity;
  TaskIdentity const second_hero = all.tasks[1].identity;
  TaskIdentity const villain = all.tasks[2].identity;
  auto const campaign = manifest::load_text("spring.yaml", text);
  auto parsed = manifest::Document::parse("review.json", "[\n  one,\n  other\n]\n");
  REQUIRE(parsed);
  auto const review = std::make_shared<manifest::Document const>(*std::move(parsed));
  auto const asked = [&](std::string const& prompt, int line) {
    return plan::Retake{
        .prompt = prompt, .asked_in = review, .asked_at = {.line = line, .column = 3, .width = 3}};
  };
  auto const errors_of = [&](plan::Retakes const& retakes) {
    auto const terms = plan::build_plan(
        *campaign, *catalog::load(), {test::landscape_probe(), test::landscape_video_probe()},
        [](plan::PlannedTask&&, std::size_t) {}, {}, &retakes);
    return terms ? std::string{} : shown(terms.error());
  };
  std::string const same = errors_of({{hero, asked("a villain", 2)}});
  CHECK(
      same.find("review.json:2:3: error: made anew from this, `hero, take 1` asks for the very same clip as "
                "`villain`") != std::string::npos);
  CHECK(same.find("    2 |   one,") != std::string::npos);
  CHECK(same.find("spring.yaml") == std::string::npos);
  // Whichever comes first, whether the other is made anew as well, and whether that leaves its place.
  CHECK(errors_of({{villain, asked("a hero", 3)}})
            .find("review.json:3:3: error: made anew from this, `villain` "
                  "asks for the very same clip as `hero, take 1`") != std::string::npos);
  CHECK(errors_of({{hero, asked("a fool", 2)}, {villain, asked("a fool", 3)}})
            .find("review.json:3:3: error: made anew from this, `villain`") != std::string::npos);
  CHECK(errors_of({{hero, asked("a villain", 2)}, {villain, asked("a fool", 3)}})
            .find("review.json:2:3: error: made anew from this, `hero, take 1`") != std::string::npos);
  // Takes are apart, as they are in the manifest; and what a take is already it may be again.
  CHECK(errors_of({{second_hero, asked("a villain", 2)}}).empty());
  CHECK(errors_of({{hero, asked("a hero", 2)}, {second_hero, asked("a hero", 3)}}).empty());
  // What no model takes is a mistake of the review, not of the manifest.
  std::string const too_long = errors_of({{second_hero, asked(std::string(2501, 'x'), 3)}});
  CAPTURE(too_long);
  CHECK(too_long.find("review.json:3:3: error: ") == 0);
  CHECK(too_long.find("(hero, take 2)") != std::string::npos);
  CHECK(too_long.find("spring.yaml") == std::string::npos);
  CHECK(errors_of({{villain, asked("<<<element_1>>> waves", 2)}}).find("review.json:2:3: error: ") == 0);
}

TEST_CASE("plan: a sample is of the size asked for, and a larger one holds the smaller") {
  auto const campaign = manifest::load_text(
      "/campaigns/test.yaml", head +
                                  "matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}\n"
                                  "tasks: [{name: 'clip {{ n }}', prompt: 'scene {{ n }}', takes: 3}]\n");
  REQUIRE(campaign);
  auto const catalog = catalog::load();
  REQUIRE(catalog);
  std::set<std::string> smaller;
  for (std::size_t size = 1; size <= 12; ++size) {
    CAPTURE(size);
    auto const choice = plan::TaskChoice::parse({.sample = size});
    REQUIRE(choice);
    std::set<std::string> names;
    auto const terms = plan::build_plan(
        *campaign, *catalog, {test::landscape_probe(), test::landscape_video_probe()},
        [&](plan::PlannedTask&& task, std::size_t /*route*/) {
          CHECK(task.take == 1);
          CHECK(names.insert(task.name).second);
        },
        *choice);
    REQUIRE(terms);
    CHECK(names.size() == size);
    CHECK(std::includes(names.begin(), names.end(), smaller.begin(), smaller.end()));
    smaller = names;
  }
}

TEST_CASE("plan: ten thousand tasks are planned while one waits") {
  std::string text = head + "matrix:\n  a: [";
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + (i < 99 ? "," : "]\n  b: [");
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + (i < 99 ? "," : "]\n");
  text +=
      "tasks:\n  - {name: \"t-{{ a }}-{{ b }}\", prompt: \"p {{ a }} {{ b }}\", image_start: x.jpg, quality: "
      "[1080p, 720p]}\n";
  auto const start = std::chrono::steady_clock::now();
  auto const plan = good_plan(text);
  auto const took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  CHECK(plan.tasks.size() == 10'000);
  MESSAGE("planned in " << took.count() << " ms");
}

TEST_CASE("plan: an element is made once, before the first clip that shows it, whatever its priority") {
  plan::Plan const plan = good_plan(head + R"(
elements:
  hero: {description: a red fox, frontal: front.jpg, references: [side.jpg]}
  coat: {description: a green coat, frontal: coat.jpg, references: [a.jpg, b.jpg, c.jpg]}
  nobody: {description: shown by none, frontal: x.jpg, references: [y.jpg]}
matrix: {n: [1, 2]}
tasks:
  - {name: free, prompt: nobody}
  - {name: "alone-{{ n }}", prompt: "<<<element_1>>> {{ n }}", elements: [hero], model: kling-o3-text-to-video}
  - {name: both, prompt: the two, elements: [coat, hero], model: kling-o3-text-to-video, takes: 2, priority: 1000000}
)");
  std::vector<std::string> names;
  for (plan::PlannedTask const& task : plan.tasks) names.push_back(task.name);
  CHECK(names == std::vector<std::string>{"free", "element hero", "alone-1", "element coat", "both", "both",
                                          "alone-2"});
  plan::PlannedTask const& hero = plan.tasks[1];
  CHECK(plan::is_element(hero));
  CHECK(hero.priority > plan.tasks[4].priority);
  CHECK(hero.request.images.size() == 2);
  CHECK(hero.output.empty());
  REQUIRE(hero.route->candidates.size() == 1);
  CHECK(hero.route->candidates.front().model == ModelId{"kling-custom-element"});
  CHECK(hero.route->candidates.front().expected == Credits::from_units(10));
  CHECK(hero.where.line == 6);
  for (std::size_t const shows : {2u, 6u}) {
    CHECK(plan.tasks[shows].request.elements.front().made_by == hero.identity);
    CHECK(plan.tasks[shows].request.elements.front().id.empty());
  }
  CHECK(plan.tasks[4].request.elements.at(1).made_by == hero.identity);
  CHECK(plan.tasks[5].request.elements == plan.tasks[4].request.elements);  // its second take
  for (plan::PlannedTask const& task : plan.tasks) {
    auto const read = plan::decode_task(plan::encode_task(task));
    REQUIRE(read.has_value());
    CHECK(read->request == task.request);
  }
}

TEST_CASE("plan: which clips an element's are hangs on what it is made from, not on what it is called") {
  auto const clip_of = [](std::string const& name, std::string const& description,
                          std::string const& frontal) {
    plan::Plan const plan =
        good_plan(head + "elements: {" + name + ": {description: " + description + ", frontal: " + frontal +
                  ", references: [side.jpg]}}\ntasks: [{name: a, prompt: b, elements: [" + name +
                  "], model: kling-o3-text-to-video}]\n");
    REQUIRE(plan.tasks.size() == 2);
    return plan.tasks.back().identity;
  };
  TaskIdentity const first = clip_of("hero", "a fox", "front.jpg");
  CHECK(clip_of("heroine", "a fox", "front.jpg") == first);
  CHECK(clip_of("hero", "a vixen", "front.jpg") != first);
  CHECK(clip_of("hero", "a fox", "other.jpg") != first);
}

TEST_CASE("plan: fallback.allow and pinned models are about clips, and elements are made all the same") {
  plan::Plan const plan = good_plan(head + R"(
fallback: {allow: [kling-o3-text-to-video]}
elements: {hero: {description: a red fox, frontal: front.jpg, references: [side.jpg]}}
tasks: [{name: a, prompt: b, elements: [hero]}]
)");
  CHECK(plan.tasks.size() == 2);
}
