#include "orchestrator/cli/report_files.hpp"

#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/json_report.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

Result<void> write_whole(fs::path const& path, std::string const& text) {
  fs::path partial = path;
  partial += ".part";
  {
    std::ofstream out{partial, std::ios::binary | std::ios::trunc};
    out << text;
    out.close();
    if (!out)
      return fail(
          Code::file_system,
          fmt::format("cannot write '{}': {}", partial.string(), std::generic_category().message(errno)),
          "free some space or mend the folder's rights; `callsheet report` writes it again");
  }
  std::error_code error;
  fs::rename(partial, path, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", path.string(), error.message()));
  return {};
}

}  // namespace

Result<ReportFiles> write_reports(report::ResultModel const& model, fs::path const& folder,
                                  fs::path const& output_dir) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot make '{}': {}", folder.string(), error.message()));
  std::string const clips =
      fs::absolute(output_dir).lexically_proximate(fs::absolute(folder)).generic_string();
  ReportFiles const files{folder / "report.html", folder / "report.json", folder / "report.csv"};
  if (auto done = write_whole(files.json, report::json_report(model)); !done) return fail(done.error());
  if (auto done = write_whole(files.csv, report::csv_report(model)); !done) return fail(done.error());
  std::string const page = report::html_report(model, clips == "." ? "" : clips);
  if (auto done = write_whole(files.html, page); !done) return fail(done.error());
  return files;
}

Result<fs::path> output_dir_of(ledger::Ledger& ledger, RunId const& id) {
  auto const run = ledger.run(id);
  if (!run) return fail(run.error());
  std::optional<plan::PlanTerms> const terms = plan::decode_terms(run->settings);
  if (!terms) return fail(Code::ledger_unavailable, "the run's settings cannot be read");
  return terms->output_dir;
}

}  // namespace callsheet::cli
