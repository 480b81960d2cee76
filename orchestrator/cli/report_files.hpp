#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/report/run_reader.hpp"

#include <filesystem>

namespace callsheet::cli {

struct WrittenReports {
  std::filesystem::path html;
  report::ResultModel model;
};

/// Writes report.html, report.json and report.csv to `folder`, each whole or not at all. Fails with
/// Code::file_system, or like RunReader::each.
[[nodiscard]] Result<WrittenReports> write_reports(report::RunReader& run,
                                                   std::filesystem::path const& folder);

}  // namespace callsheet::cli
