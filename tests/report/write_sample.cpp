#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/text_summary.hpp"
#include "tests/report/sample.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

// write_sample FOLDER: the sample campaign's reports as files, for the browser test and for looking at them.
int main(int count, char const* const* arguments) {
  using namespace callsheet::report;
  if (count != 2) {
    std::cerr << "usage: write_sample FOLDER\n";
    return 2;
  }
  std::filesystem::path const folder = arguments[1];
  std::filesystem::create_directories(folder);
  ResultModel const model = sample_campaign();
  std::ofstream{folder / "report.json"} << json_report(model);
  std::ofstream{folder / "report.csv"} << csv_report(model);
  std::ofstream{folder / "report.html"} << html_report(model, "clips");
  std::ofstream{folder / "summary.txt"} << text_summary(model);
  return 0;
}
