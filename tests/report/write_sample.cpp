#include "tests/report/formats.hpp"
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
  Sample const model = sample_campaign();
  std::ofstream{folder / "report.json"} << json_of(model);
  std::ofstream{folder / "report.csv"} << csv_of(model);
  std::ofstream{folder / "report.html"} << html_of(model, "clips");
  std::ofstream{folder / "summary.txt"} << summary_of(model);
  return 0;
}
