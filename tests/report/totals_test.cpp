#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/markdown_report.hpp"
#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/text_summary.hpp"
#include "tests/report/formats.hpp"
#include "tests/report/sample.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

using namespace callsheet;
using namespace callsheet::report;
using nlohmann::json;

namespace {

constexpr char const* kinds_of_money[] = {"billed", "held", "refund_expected"};

Credits any_amount() {
  return Credits::from_units(*rc::gen::inRange<std::int64_t>(0, 10'000'000));
}

ClipLine any_clip() {
  ClipLine clip;
  clip.task = "clip";
  if (*rc::gen::inRange(0, 4) == 0) clip.request.mode = Mode::element;  // beside the clips, in the same money
  constexpr int statuses = 8;
  clip.status = static_cast<ClipStatus>(*rc::gen::inRange(0, statuses));
  if (is_element(clip) && clip.status == ClipStatus::mismatched) clip.status = ClipStatus::failed;
  int const attempts = *rc::gen::inRange(0, 4);
  for (int i = 0; i < attempts; ++i) {
    AttemptLine line;
    line.model = clip.model = ModelId{*rc::gen::element<std::string>("a", "b", "c")};
    line.billed = any_amount();
    line.held = any_amount();
    line.refund_expected = any_amount();
    clip.attempts.push_back(line);
  }
  return clip;
}

Sample any_result() {
  Sample model;
  model.head.run = RunId{"r"};
  int const clips = *rc::gen::inRange(0, 12);
  for (int i = 0; i < clips; ++i) model.clips.push_back(any_clip());
  return model;
}

std::int64_t sum_of(json const& lines, char const* kind) {
  std::int64_t sum = 0;
  for (json const& line : lines) sum += line.at(kind).at("units").get<std::int64_t>();
  return sum;
}

}  // namespace

TEST_CASE("law: the sums of lines, of clips and of models are the totals") {
  CHECK(rc::check("report.json adds up", [] {
    json const report = json::parse(json_of(any_result()));
    json lines = report.at("clips");
    for (json const& element : report.value("elements", json::array())) lines.push_back(element);
    std::int64_t committed = 0;
    for (char const* kind : kinds_of_money) {
      std::int64_t const total = report.at("totals").at(kind).at("units").get<std::int64_t>();
      std::int64_t attempts = 0;
      for (json const& clip : lines) attempts += sum_of(clip.at("attempts"), kind);
      RC_ASSERT(attempts == total);
      RC_ASSERT(sum_of(lines, kind) == total);
      RC_ASSERT(sum_of(report.at("models"), kind) == total);
      committed += total;
    }
    RC_ASSERT(report.at("totals").at("committed").at("units").get<std::int64_t>() == committed);
  }));
}

TEST_CASE("law: every clip is counted once") {
  CHECK(rc::check("counts add up", [] {
    Totals const totals = add_up(any_result()).totals;
    RC_ASSERT(totals.made + totals.mismatched + totals.reused + totals.failed + totals.in_doubt +
                  totals.waiting + totals.skipped + totals.outstanding ==
              totals.clips);
    ElementTotals const& elements = totals.elements;
    RC_ASSERT(elements.made + elements.reused + elements.failed + elements.in_doubt + elements.waiting +
                  elements.skipped + elements.outstanding ==
              elements.elements);
  }));
}

TEST_CASE("totals: an element is no clip, costs what it costs, and stands for itself in every format") {
  Sample model = sample_campaign();
  Totals const before = add_up(model).totals;
  ClipLine element;
  element.task = "element fox";
  element.request.mode = Mode::element;
  element.request.name = "fox";
  element.request.prompt = "a <red> fox";
  element.status = ClipStatus::made;
  element.element = "el_1";
  element.attempts.emplace_back();
  element.attempts.back().model = ModelId{"maker"};
  element.attempts.back().state = AttemptState::finished;
  element.attempts.back().billed = Credits::from_units(10);
  model.clips.push_back(element);
  element.status = ClipStatus::reused;
  element.attempts.clear();
  model.clips.push_back(element);
  ResultModel const with = add_up(model);
  CHECK(with.totals.clips == before.clips);
  CHECK(with.totals.made == before.made);
  CHECK(with.totals.taken == before.taken);
  CHECK(with.totals.attempts == before.attempts + 1);
  CHECK(with.totals.billed == before.billed + Credits::from_units(10));
  CHECK(with.totals.elements.elements == 2);
  CHECK(with.elements.size() == 2);
  CHECK(text_summary(with).find("  with    2 of 2 elements there, 1 made before\n") != std::string::npos);
  CHECK(markdown_report(with).find("; 2 of 2 elements that they show are there") != std::string::npos);
  std::string const page = html_report(with);
  CHECK(page.find("<code>el_1</code>") != std::string::npos);
  CHECK(page.find("a &lt;red&gt; fox") != std::string::npos);
  json const report = json::parse(json_of(model));
  CHECK(report.at("elements").size() == 2);
  CHECK(report.at("elements")[0].at("element") == "el_1");
  CHECK(report.at("clips").size() == static_cast<std::size_t>(before.clips));
}

TEST_CASE("totals: of the sample campaign, by hand") {
  Totals const totals = add_up(sample_campaign()).totals;
  CHECK(totals.clips == 17);
  CHECK(totals.made == 9);
  CHECK(totals.mismatched == 1);
  CHECK(totals.waiting == 1);
  CHECK(totals.attempts == 14);
  // eight clips at 36.018, one at 27, the story at 86.4, the refused one at 7.2036
  CHECK(totals.billed == Credits::from_units(8 * 360'180 + 270'000 + 864'000 + 72'036));
  CHECK(totals.held == Credits::from_units(2 * 360'180));
  CHECK(totals.refund_expected == Credits::from_units(360'180));
  CHECK(totals.committed() == totals.billed + totals.held + totals.refund_expected);
}

TEST_CASE("models: most billed first, then by name") {
  auto const models = add_up(sample_campaign()).models;
  REQUIRE(models.size() == 2);
  CHECK(models[0].model == ModelId{"kling-v3-image-to-video"});
  CHECK(models[0].clips == 9);
  CHECK(models[0].attempts == 12);
  CHECK(models[1].spend.held == Credits::from_units(360'180));
}
