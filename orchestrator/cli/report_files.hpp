#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/report/result_model.hpp"

#include <filesystem>

namespace callsheet::cli {

struct ReportFiles {
  std::filesystem::path html;
  std::filesystem::path json;
  std::filesystem::path csv;
};

/// Writes report.html, report.json and report.csv to `folder`, each whole or not at all. `output_dir`: where
/// the clips are, for the page's links. Fails with Code::file_system.
[[nodiscard]] Result<ReportFiles> write_reports(report::ResultModel const& model,
                                                std::filesystem::path const& folder,
                                                std::filesystem::path const& output_dir);

/// Where a run keeps its clips. Fails like report::collect.
[[nodiscard]] Result<std::filesystem::path> output_dir_of(ledger::Ledger& ledger, RunId const& run);

}  // namespace callsheet::cli
