#pragma once

#include "orchestrator/cli/still_files.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/text_sink.hpp"

#include <filesystem>

#include <CLI/App.hpp>

namespace callsheet::cli {

struct WrittenReports {
  std::filesystem::path html;
  report::ResultModel model;
};

/// Writes report.html, report.json and report.csv to `folder`, each whole or not at all; where clips came
/// other than ordered, also their dispute. Before that, sidecars and `stills` are put beside the clips. Fails
/// with Code::file_system, or like RunReader::each.
[[nodiscard]] Result<WrittenReports> write_reports(report::RunReader& run,
                                                   std::filesystem::path const& folder, StillWish stills);

/// The run as JUnit XML. Reads its clips once more: the sums stand before them. Fails like RunReader::each.
[[nodiscard]] Result<void> write_junit(report::RunReader& run, report::ResultModel const& model,
                                       report::TextSink out);

/// Where else the report is wanted; an empty path: it is not.
struct ReportCopies {
  std::filesystem::path junit;
  std::filesystem::path markdown;

  void add_to(CLI::App& command);
  /// Whether they can be written: asked before money moves. Fails with Code::file_system.
  [[nodiscard]] Result<void> try_places() const;
  /// Each on its own; a warning for each that cannot be written, which makes it false. `model`: of the whole
  /// run.
  [[nodiscard]] bool write(report::RunReader& run, report::ResultModel const& model) const;
};

}  // namespace callsheet::cli
