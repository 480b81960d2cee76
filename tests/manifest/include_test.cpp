#include "orchestrator/manifest/include.hpp"

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace callsheet;
using namespace callsheet::manifest;

namespace {

std::string told(std::vector<Error> const& errors) {
  std::string text;
  for (Error const& error : errors) text += render(error);
  return text;
}

/// A manifest and the files that it includes, by their names.
class SharedFiles {
 public:
  explicit SharedFiles(std::map<std::string, std::string> const& files) {
    for (auto const& [name, text] : files) {
      std::filesystem::create_directories((folder_.path() / name).parent_path());
      std::ofstream{folder_.path() / name, std::ios::binary} << text;
    }
  }

  [[nodiscard]] std::filesystem::path path(std::string const& name) const { return folder_.path() / name; }

  [[nodiscard]] Campaign campaign(std::string const& name = "spring.yaml") const {
    Checked<Campaign> campaign = load(path(name));
    if (!campaign) FAIL(told(campaign.error()));
    return *std::move(campaign);
  }

  [[nodiscard]] std::string mistake(IncludeLimits limits = {}) const {
    Checked<Document> document = Document::read(path("spring.yaml"));
    REQUIRE(document);
    auto const whole = with_includes(*std::move(document), path("spring.yaml"), limits);
    return whole ? std::string{} : told(whole.error());
  }

 private:
  test::TemporaryFolder folder_;
};

std::vector<ExpandedTask> expanded(Campaign const& campaign) {
  std::vector<ExpandedTask> tasks;
  ErrorList errors;
  expand(
      campaign, [&](ExpandedTask&& task) { tasks.push_back(std::move(task)); }, errors);
  if (!errors.empty()) FAIL(told(errors.take()));
  return tasks;
}

std::string const preamble = "version: 1\ncampaign: spring\n";

bool has(std::string const& text, std::string const& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "include: a file wins over those it includes, one key down; tasks, thresholds and env come together") {
  SharedFiles const folder{
      {{"spring.yaml", preamble +
                           "include: [a.yaml, b.yaml]\n"
                           "budget: {cap: 400 credits, per_task: 50 credits}\n"
                           "defaults: {quality: 1080p}\n"
                           "vars: {own: main}\n"
                           "thresholds: [\"failed_ratio < 0.1\", \"failed_ratio < 0.2\"]\n"
                           "tasks: [{name: own, prompt: \"{{ vars.own }} {{ vars.deep }} {{ vars.a }}\"}]\n"},
       {"a.yaml",
        "version: 1\nbudget: {per_task: 10 credits, daily: 900 credits}\ndefaults: {duration: 7, quality: 720p}\n"
        "vars: {own: a, a: from a}\ninclude: deep.yaml\ntasks: [{name: of-a, prompt: p}]\n"},
       {"b.yaml",
        "include: [deep.yaml, ./deep.yaml]\nthresholds: [\"failed_ratio < 0.1\"]\nlimits: {in_flight: 3}\n"},
       {"deep.yaml",
        "vars: {own: deep, deep: from deep, a: from deep}\ntasks: [{name: of-deep, prompt: q}]\n"}}};
  Campaign const campaign = folder.campaign();
  CHECK(campaign.budget.cap == Credits::from_units(4'000'000));
  CHECK(campaign.budget.per_task == Credits::from_units(500'000));
  CHECK(campaign.budget.daily == Credits::from_units(9'000'000));
  CHECK(campaign.limits.in_flight == 3);
  CHECK(campaign.thresholds.size() == 2);
  auto const tasks = expanded(campaign);
  REQUIRE(tasks.size() == 3);
  CHECK(tasks[0].name == "of-deep");
  CHECK(tasks[1].name == "of-a");
  CHECK(tasks[2].name == "own");
  CHECK(tasks[2].request.prompt == "main from deep from a");
  for (ExpandedTask const& task : tasks) {
    CHECK(task.request.duration.count() == 7);
    CHECK(task.request.quality == Quality::p1080);
  }
}

TEST_CASE("include: paths are relative to the file they stand in, and outputs to the manifest") {
  SharedFiles const folder{
      {{"campaigns/spring.yaml",
        preamble + "include: ../shared/look.yaml\nbudget: {cap: 400}\n"
                   "matrix: {product: \"{{ data.product }}\"}\n"
                   "tasks: [{name: own, image_end: end.jpg}, {name: \"{{ product.sku }}\"}]\n"},
       {"shared/look.yaml",
        "defaults: {image_start: pictures/logo.jpg, prompt: p}\ndata: {product: {csv: products.csv}}\n"
        "outputs: {dir: clips}\n"},
       {"shared/products.csv", "sku\nA1\n"}}};
  Campaign const campaign = folder.campaign("campaigns/spring.yaml");
  auto const tasks = expanded(campaign);
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].request.image_start->location == folder.path("shared/pictures/logo.jpg"));
  CHECK(tasks[0].request.image_end->location == folder.path("campaigns/end.jpg"));
  CHECK(tasks[1].name == "A1");
  CHECK(campaign.output_dir == folder.path("campaigns/clips"));
}

TEST_CASE("include: what two files say differently has to be said by one that includes both") {
  std::map<std::string, std::string> files{
      {"spring.yaml", preamble + "include: [a.yaml, b.yaml]\n"},
      {"a.yaml", "presets: {wide: {duration: 5}}\n"},
      {"b.yaml", "presets: {wide: {duration: 5}, quick: {duration: 3}}\n"}};
  CHECK(SharedFiles{files}.mistake() == "");
  files["b.yaml"] = "presets: {wide: {duration: 6}}\n";
  CHECK(has(SharedFiles{files}.mistake(),
            "b.yaml:1:11: error: `presets.wide` is something else in line 1 of "));
  files["spring.yaml"] += "presets: {wide: {duration: 7}}\n";
  CHECK(SharedFiles{files}.mistake() == "");
}

TEST_CASE("include: files, depth and bytes are bounded, at the bound and one beyond") {
  auto const chain = [](int length) {
    std::map<std::string, std::string> files{{"spring.yaml", preamble + "include: f1.yaml\n"}};
    for (int i = 1; i <= length; ++i)
      files[fmt::format("f{}.yaml", i)] =
          i < length ? fmt::format("include: f{}.yaml\n", i + 1) : "vars: {a: b}\n";
    return files;
  };
  CHECK(SharedFiles{chain(8)}.mistake() == "");
  CHECK(has(SharedFiles{chain(9)}.mistake(), "f8.yaml:1:10: error: included deeper than 8 files"));
  auto const row = [](int length) {
    std::map<std::string, std::string> files{{"spring.yaml", preamble + "include:\n"}};
    for (int i = 1; i <= length; ++i) {
      files["spring.yaml"] += fmt::format("  - f{}.yaml\n", i);
      files[fmt::format("f{}.yaml", i)] = fmt::format("vars: {{a{}: b}}\n", i);
    }
    return files;
  };
  CHECK(SharedFiles{row(31)}.mistake() == "");
  CHECK(has(SharedFiles{row(32)}.mistake(), "more than 32 files come together here"));
  IncludeLimits limits;
  limits.bytes_max = 2 * std::string{"vars: {a1: b}\n"}.size();
  CHECK(SharedFiles{row(2)}.mistake(limits) == "");
  CHECK(has(SharedFiles{row(3)}.mistake(limits), "the included files are larger than 0 MiB together"));
}
