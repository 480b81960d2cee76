#pragma once

#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/text_sink.hpp"

#include <string>
#include <vector>

namespace callsheet::report {

/// report.csv: RFC 4180 (comma, CRLF, quotes doubled), UTF-8, one row per clip and one column per label name
/// ("label.locale"). Text that a spreadsheet would take for a formula gets a leading apostrophe.
class CsvReport {
 public:
  CsvReport(RunHead const& head, TextSink out);
  void add(ClipLine const& clip);

 private:
  std::vector<std::string> labels_;
  TextSink out_;
  std::string row_;
};

}  // namespace callsheet::report
