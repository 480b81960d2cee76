#include "tests/report/golden.hpp"

#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/text_summary.hpp"
#include "tests/report/sample.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

TEST_CASE("report: every format of the sample campaign is as recorded") {
  ResultModel const model = sample_campaign();
  check_golden("sample.json", json_report(model));
  check_golden("sample.csv", csv_report(model));
  check_golden("sample.html", html_report(model, "clips"));
  check_golden("sample.txt", text_summary(model));
}

TEST_CASE("report: a run that bought nothing is reported too") {
  ResultModel model;
  model.run = RunId{"20261123-200000-0000"};
  model.campaign = "empty";
  model.gateway = "evolink";
  model.status = RunStatus::completed;
  check_golden("empty.json", json_report(model));
  check_golden("empty.csv", csv_report(model));
  check_golden("empty.txt", text_summary(model));
  CHECK(html_report(model).find("Nothing was bought.") != std::string::npos);
}

TEST_CASE("report: the same model gives the same bytes") {
  CHECK(json_report(sample_campaign()) == json_report(sample_campaign()));
  CHECK(html_report(sample_campaign()) == html_report(sample_campaign()));
}

TEST_CASE("report: no format tells folders of this machine or keys in links") {
  ResultModel const model = sample_campaign();
  for (std::string const& text :
       {json_report(model), csv_report(model), html_report(model), text_summary(model)}) {
    CHECK(text.find("/home/someone") == std::string::npos);
    CHECK(text.find("do-not-show") == std::string::npos);
    CHECK(text.find("user:secret") == std::string::npos);
  }
}
