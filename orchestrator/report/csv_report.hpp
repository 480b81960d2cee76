#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::report {

/// report.csv: RFC 4180 (comma, CRLF, quotes doubled), UTF-8, one row per clip and one column per label name
/// ("label.locale"). Text that a spreadsheet would take for a formula gets a leading apostrophe.
std::string csv_report(ResultModel const& model);

}  // namespace callsheet::report
