#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::report {

/// report.json: every line and its sums, version 1 (schemas/report.schema.json). Sorted keys, two-space
/// indent, ends with '\n'; the same model gives the same bytes. Amounts stand as {"credits": "7.2036",
/// "units": 72036}, never as floating point. Bytes that are no UTF-8 are replaced by U+FFFD. Local folders
/// and the query parts of links (where keys hide) are left out.
std::string json_report(ResultModel const& model);

}  // namespace callsheet::report
