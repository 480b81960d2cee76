#include "orchestrator/manifest/expand.hpp"

#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

using namespace callsheet;
using namespace callsheet::manifest;

namespace {

std::string const head = "version: 1\ncampaign: spring\nbudget: {cap: 400}\n";

std::string shown(std::vector<Error> const& errors) {
  std::string text;
  for (Error const& error : errors) text += render(error);
  return text;
}

std::vector<ExpandedTask> tasks_of(std::string const& text, ExpandLimits limits = {}) {
  auto const campaign = load_text("/campaigns/test.yaml", head + text);
  if (!campaign) FAIL(shown(campaign.error()));
  std::vector<ExpandedTask> tasks;
  ErrorList errors;
  std::size_t const count = expand(
      *campaign, [&](ExpandedTask&& task) { tasks.push_back(std::move(task)); }, errors, limits);
  if (!errors.empty()) FAIL(shown(errors.take()));
  CHECK(count == tasks.size());
  return tasks;
}

std::vector<std::string> names_of(std::string const& text) {
  std::vector<std::string> names;
  for (ExpandedTask const& task : tasks_of(text)) names.push_back(task.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("expand: the first axis is the slowest, takes are the fastest") {
  CHECK(names_of("matrix: {a: [x, y], b: [1, 2]}\ntasks: [{name: \"{{ a }}{{ b }}\", prompt: p}]") ==
        Names{"x1", "x2", "y1", "y2"});
  auto const tasks = tasks_of("tasks: [{name: a, prompt: p, takes: 2}]");
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[1].take == 2);
  CHECK(tasks[1].output == "a-2.mp4");
}

TEST_CASE("expand: a task is repeated along the axes it refers to, and only those") {
  CHECK(names_of("matrix: {a: [x, y], b: [1, 2]}\n"
                 "tasks: [{name: one, prompt: p}, {name: \"a{{ a }}\", prompt: p}]") ==
        Names{"one", "ax", "ay"});
}

TEST_CASE("expand: exclude removes what matches all its keys, include adds what is not there") {
  CHECK(names_of(
            "matrix: {a: [x, y], b: [1, 2], exclude: [{a: x, b: 2}]}\ntasks: [{name: \"{{ a }}{{ b }}\"}]") ==
        Names{"x1", "y1", "y2"});
  CHECK(names_of("matrix: {a: [x, y], b: [1, 2], exclude: [{a: x}], include: [{a: x, b: 2}]}\n"
                 "tasks: [{name: \"{{ a }}{{ b }}\"}]") == Names{"y1", "y2", "x2"});
  CHECK(names_of("matrix: {a: [x], b: [1, 2], include: [{a: z}]}\ntasks: [{name: \"{{ a }}{{ b }}\"}]") ==
        Names{"x1", "x2", "z1", "z2"});
  CHECK(names_of("matrix: {p: [{sku: A, s: 1}, {sku: B, s: 2}], l: [en, de], exclude: [{p.sku: B, l: de}]}\n"
                 "tasks: [{name: \"{{ p.sku }}{{ l }}\"}]") == Names{"Aen", "Ade", "Ben"});
}

TEST_CASE("expand: values keep their meaning") {
  auto const tasks = tasks_of(
      "matrix: {p: [{sku: A, s: 4}]}\n"
      "tasks:\n"
      "  - name: \"{{p.sku}}\"\n"
      "    prompt: \"{{ '{{' }} {{ p.sku }} }} of {{ campaign }} for {{ task.name }}\"\n"
      "    duration: \"{{ p.s }}\"\n"
      "    sound: on\n"
      "    aspect_ratio: 16:9\n"
      "    quality: [1080p, 720p]\n");
  ExpandedTask const& task = tasks.at(0);
  CHECK(task.request.prompt == "{{ A }} of spring for A");
  CHECK(task.request.duration.count() == 4);
  CHECK(task.request.sound == Sound::on);
  CHECK(task.request.aspect_ratio == AspectRatio{16, 9});
  CHECK(task.request.quality == Quality::p1080);
  CHECK(task.ladder == std::vector{Quality::p1080, Quality::p720});
  CHECK(task.labels == std::vector<std::pair<std::string, std::string>>{{"p", "A"}});
}

TEST_CASE("expand: mode follows the first frame, shots set the length, defaults give way key by key") {
  auto const tasks = tasks_of(
      "defaults: {duration: 7, sound: true, image_start: a.jpg}\n"
      "tasks:\n"
      "  - {name: a}\n"
      "  - {name: b, shots: [{prompt: x, duration: 2}, {prompt: y, duration: 3}], sound: false}\n"
      "  - {name: c, shots: auto, prompt: p, image_start: \"https://example.com/x.jpg\", duration: 4}\n");
  CHECK(tasks.at(0).request.mode == Mode::image_to_video);
  CHECK(tasks[0].request.image_start->location == "/campaigns/a.jpg");
  CHECK(tasks[0].request.duration.count() == 7);
  CHECK(tasks[0].request.sound == Sound::on);
  CHECK(tasks[1].request.duration.count() == 5);
  CHECK(tasks[1].request.shot_planning == ShotPlanning::customize);
  CHECK(tasks[1].request.sound == Sound::off);
  CHECK(tasks[2].request.shot_planning == ShotPlanning::intelligence);
  CHECK(tasks[2].request.image_start->kind == MediaInput::Kind::url);
  CHECK(tasks_of("tasks: [{name: t, prompt: p}]").at(0).request.mode == Mode::text_to_video);
}

TEST_CASE("expand: later presets win over earlier ones, a task over its presets, presets over defaults") {
  auto const tasks = tasks_of(
      "presets:\n"
      "  wide: {aspect_ratio: \"16:9\", quality: 1080p, duration: 8}\n"
      "  quick: {duration: 3, sound: on}\n"
      "  brand: {use: wide, negative_prompt: blurry, aspect_ratio: \"1:1\"}\n"
      "  story: {shots: [{prompt: x, duration: 2}, {prompt: y, duration: 4}]}\n"
      "  never: {prompt: \"{{ nobody.knows }}\"}\n"
      "defaults: {use: brand, duration: 7, prompt: p}\n"
      "tasks:\n"
      "  - {name: plain}\n"
      "  - {name: one, use: wide}\n"
      "  - {name: several, use: [wide, quick]}\n"
      "  - {name: turned, use: [quick, wide]}\n"
      "  - {name: own, use: [wide, quick], duration: 4, quality: [720p]}\n"
      "  - {name: told, use: story}\n");
  auto const seconds = [&](std::size_t i) { return tasks.at(i).request.duration.count(); };
  CHECK(seconds(0) == 7);
  CHECK(tasks[0].request.aspect_ratio == AspectRatio{1, 1});
  CHECK(tasks[0].request.negative_prompt == "blurry");
  CHECK(tasks[0].request.quality == Quality::p1080);
  CHECK_FALSE(tasks[0].duration_is_own);
  CHECK(seconds(1) == 8);
  CHECK(tasks[1].request.aspect_ratio == AspectRatio{16, 9});
  CHECK(tasks[1].request.negative_prompt == "blurry");
  CHECK(tasks[1].duration_is_own);
  CHECK(seconds(2) == 3);
  CHECK(tasks[2].request.sound == Sound::on);
  CHECK(seconds(3) == 8);
  CHECK(seconds(4) == 4);
  CHECK(tasks[4].request.quality == Quality::p720);
  CHECK(seconds(5) == 6);
  CHECK(tasks[5].request.shots.size() == 2);
}

TEST_CASE("expand: presets that use presets are bounded, by their number and by their depth") {
  auto const what_is_wrong = [](std::string const& text) {
    auto const campaign = load_text("/campaigns/test.yaml", head + text);
    return campaign ? std::string{} : shown(campaign.error());
  };
  auto const chain = [](int length, std::string const& use) {
    std::string text = "presets:\n  p0: {duration: 4}\n";
    for (int i = 1; i < length; ++i)
      text += fmt::format("  p{}: {{use: {}}}\n", i, fmt::format(fmt::runtime(use), i - 1));
    return text + fmt::format("tasks: [{{name: a, prompt: p, use: p{}}}]\n", length - 1);
  };
  CHECK(tasks_of(chain(100, "p{}")).at(0).request.duration.count() == 4);
  CHECK(what_is_wrong(chain(101, "p{}")).find("more than 100 presets come together here") !=
        std::string::npos);
  CHECK(what_is_wrong(chain(50'000, "p{}")).find("more than 100 presets") != std::string::npos);
  CHECK(what_is_wrong(chain(64, "[p{0}, p{0}]")).find("more than 100 presets") != std::string::npos);
}

TEST_CASE("expand: a file name is made safe and never leaves its folder") {
  auto const tasks = tasks_of(
      "matrix: {a: [\"../../etc\", \"b/c\", \"d:e?\", \"...\"]}\n"
      "tasks: [{name: \"{{ a }}\", prompt: \"{{ a }}\"}]\noutputs: {file: \"x/{{ task.name }}-{{ take "
      "}}.mp4\"}");
  CHECK(tasks.at(0).output == "x/..-..-etc-1.mp4");
  CHECK(tasks.at(1).output == "x/b-c-1.mp4");
  CHECK(tasks.at(2).output == "x/d-e--1.mp4");
  CHECK(rc::check("any name", [](std::string const& name) {
    std::string quoted;
    for (char const c : name)
      quoted += static_cast<unsigned char>(c) < 0x20 || c == '\'' || c == 0x7F ? '.' : c;
    auto const campaign = load_text(
        "/c/t.yaml", head + "matrix: {a: ['x" + quoted + "']}\ntasks: [{name: \"{{ a }}\", prompt: p}]");
    if (!campaign) return;
    ErrorList errors;
    expand(
        *campaign,
        [&](ExpandedTask&& task) {
          RC_ASSERT(task.output.is_relative());
          for (auto const& part : task.output) RC_ASSERT(part != ".." && part != "." && !part.empty());
        },
        errors);
  }));
}

TEST_CASE(
    "expand: as many tasks as the product of the axes less what is excluded, each once, always the same") {
  CHECK(rc::check("matrix size", [] {
    auto const a = *rc::gen::inRange(1, 8);
    auto const b = *rc::gen::inRange(1, 8);
    auto const c = *rc::gen::inRange(1, 5);
    auto const takes = *rc::gen::inRange(1, 4);
    auto const gone_a = *rc::gen::inRange(0, a);
    auto const gone_b = *rc::gen::inRange(0, b);
    auto const list = [](int count) {
      std::string text = "[";
      for (int i = 0; i < count; ++i) text += (i > 0 ? "," : "") + std::to_string(i);
      return text + "]";
    };
    RC_PRE(a * b > 1);
    std::string const text =
        "matrix: {a: " + list(a) + ", b: " + list(b) + ", c: " + list(c) +
        ", exclude: [{a: " + std::to_string(gone_a) + ", b: " + std::to_string(gone_b) +
        "}]}\ntasks: [{name: \"{{ a }}-{{ b }}-{{ c }}\", takes: " + std::to_string(takes) + "}]";
    auto const tasks = tasks_of(text);
    RC_ASSERT(tasks.size() == static_cast<std::size_t>((a * b - 1) * c * takes));
    std::set<std::string> outputs;
    for (ExpandedTask const& task : tasks) outputs.insert(task.output.string());
    RC_ASSERT(outputs.size() == tasks.size());
    auto const again = tasks_of(text);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      RC_ASSERT(tasks[i].name == again[i].name);
      RC_ASSERT(identity_of(tasks[i].request, tasks[i].ladder, tasks[i].take) ==
                identity_of(again[i].request, again[i].ladder, again[i].take));
    }
  }));
}

TEST_CASE("expand: the number of tasks and combinations is bounded") {
  auto const campaign =
      load_text("/c/t.yaml", head + "matrix: {a: [1, 2, 3]}\ntasks: [{name: \"{{ a }}\", takes: 2}]");
  REQUIRE(campaign);
  for (ExpandLimits const limits : {ExpandLimits{.combinations_max = 2, .tasks_max = 100},
                                    ExpandLimits{.combinations_max = 100, .tasks_max = 5}}) {
    ErrorList errors;
    expand(
        *campaign, [](ExpandedTask&&) {}, errors, limits);
    CHECK_FALSE(errors.empty());
  }
  ErrorList errors;
  CHECK(expand(*campaign, [](ExpandedTask&&) {}, errors, {.combinations_max = 3, .tasks_max = 6}) == 6);
  CHECK(errors.empty());
}
