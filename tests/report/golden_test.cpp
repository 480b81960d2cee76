#include "tests/report/golden.hpp"

#include "orchestrator/report/sidecar.hpp"
#include "tests/report/formats.hpp"
#include "tests/report/sample.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

TEST_CASE("report: every format of the sample campaign is as recorded") {
  Sample const model = sample_campaign();
  check_golden("sample.json", json_of(model));
  check_golden("sample.csv", csv_of(model));
  check_golden("sample.html", html_of(model, "clips"));
  check_golden("sample.txt", summary_of(model));
  check_golden("sample.junit.xml", junit_of(model));
  check_golden("sample.md", markdown_of(model));
  // Made by a fallback, after an attempt that failed.
  auto const clip = std::find_if(model.clips.begin(), model.clips.end(),
                                 [](ClipLine const& one) { return one.task == "kettle-portrait"; });
  REQUIRE(clip != model.clips.end());
  check_golden("sidecar.json", sidecar_text(model.head, *clip));
}

TEST_CASE("report: a run that bought nothing is reported too") {
  Sample model;
  model.head.run = RunId{"20261123-200000-0000"};
  model.head.campaign = "empty";
  model.head.gateway = "evolink";
  model.head.status = RunStatus::completed;
  check_golden("empty.json", json_of(model));
  check_golden("empty.csv", csv_of(model));
  check_golden("empty.txt", summary_of(model));
  check_golden("empty.junit.xml", junit_of(model));
  check_golden("empty.md", markdown_of(model));
  CHECK(html_of(model).find("Nothing was bought.") != std::string::npos);
}

TEST_CASE("report: the same model gives the same bytes") {
  CHECK(json_of(sample_campaign()) == json_of(sample_campaign()));
  CHECK(html_of(sample_campaign()) == html_of(sample_campaign()));
}

TEST_CASE("report: no format tells folders of this machine or keys in links") {
  Sample const model = sample_campaign();
  std::vector<std::string> texts{json_of(model),  csv_of(model),      html_of(model),
                                 junit_of(model), markdown_of(model), summary_of(model)};
  for (ClipLine const& clip : model.clips)
    if (clip.file) texts.push_back(sidecar_text(model.head, clip));
  for (std::string const& text : texts) {
    CHECK(text.find("/home/someone") == std::string::npos);
    CHECK(text.find("do-not-show") == std::string::npos);
    CHECK(text.find("user:secret") == std::string::npos);
  }
}
