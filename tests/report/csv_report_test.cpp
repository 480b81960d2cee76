
#include "tests/report/formats.hpp"
#include "tests/report/sample.hpp"

#include <map>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A reader by the letter of RFC 4180, so that the writer is not judged by itself.
Rows parse(std::string const& csv) {
  Rows rows;
  std::vector<std::string> row{""};
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    char const c = csv[i];
    if (quoted && c == '"' && csv[i + 1] == '"')
      row.back() += csv[i++];
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && c == ',')
      row.emplace_back();
    else if (!quoted && c == '\r') {
      REQUIRE(csv.at(++i) == '\n');
      rows.push_back(std::exchange(row, {""}));
    } else
      row.back() += c;
  }
  REQUIRE(row == std::vector<std::string>{""});  // the last line ends too
  return rows;
}

}  // namespace

TEST_CASE("report.csv: one row a clip, all as long as the header, text unharmed") {
  Sample const model = sample_campaign();
  Rows const rows = parse(csv_of(model));
  REQUIRE(rows.size() == model.clips.size() + 1);
  for (auto const& row : rows) CHECK(row.size() == rows.front().size());
  std::map<std::string, std::string> refused;
  for (std::size_t i = 0; i < rows.front().size(); ++i) refused[rows.front()[i]] = rows.at(12).at(i);
  CHECK(refused["prompt"] == hostile_prompt());
  CHECK(refused["status"] == "failed");
  CHECK(refused["billed_credits"] == "7.2036");
  CHECK(refused["label.product"] == "kettle");
}

TEST_CASE("report.csv: no cell is a formula") {
  Sample model;
  model.head.label_names = {"=name"};
  for (char const* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=\"x\",1"}) {
    ClipLine clip;
    clip.task = clip.why = clip.mend = clip.request.prompt = text;
    clip.labels = {{"=name", text}};
    model.clips.push_back(clip);
  }
  for (auto const& row : parse(csv_of(model)))
    for (std::string const& cell : row) {
      CAPTURE(cell);
      CHECK((cell.empty() || std::string{"=+-@\t\r"}.find(cell.front()) == std::string::npos));
    }
}
