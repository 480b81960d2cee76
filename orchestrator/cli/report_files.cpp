#include "orchestrator/cli/report_files.hpp"

#include "orchestrator/cli/dispute_files.hpp"
#include "orchestrator/cli/sidecar_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/junit_report.hpp"
#include "orchestrator/report/markdown_report.hpp"
#include "orchestrator/report/result_builder.hpp"

#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

void tell_of(StillFiles const& stills) {
  if (stills.trouble()) show(*stills.trouble());
  if (stills.left_out() > 0)
    say(
        fmt::format("{} left without poster and filmstrip, since drawing them takes long: `callsheet report` "
                    "goes on with it, `callsheet report --stills all` to the end\n",
                    stills.left_out() == 1 ? "1 clip is" : fmt::format("{} clips are", stills.left_out())));
}

}  // namespace

Result<WrittenReports> write_reports(report::RunReader& run, fs::path const& folder, StillWish wish) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot make '{}': {}", folder.string(), error.message()));
  auto const json_file = std::make_unique<WholeFile>(folder / "report.json");
  auto const csv_file = std::make_unique<WholeFile>(folder / "report.csv");
  report::JsonReport json{run.head(), json_file->sink()};
  report::CsvReport csv{run.head(), csv_file->sink()};
  report::ResultBuilder builder{run.head()};
  SidecarFiles sidecars{run};
  StillFiles stills{wish};
  auto const read = run.each([&](report::ClipLine clip) {
    if (clip.file) stills.keep(run.output_dir(), *clip.file);
    json.add(clip);
    csv.add(clip);
    sidecars.keep(clip);
    builder.add(std::move(clip));
  });
  if (!read) return fail(read.error());
  if (sidecars.trouble()) show(*sidecars.trouble());
  tell_of(stills);
  WrittenReports written{.html = folder / "report.html", .model = std::move(builder).finish()};
  json.end(written.model);
  std::string const clips =
      fs::absolute(run.output_dir()).lexically_proximate(fs::absolute(folder)).generic_string();
  auto const html_file = std::make_unique<WholeFile>(written.html);
  html_file->sink()(report::html_report(written.model, clips == "." ? "" : clips));
  for (WholeFile* file : {json_file.get(), csv_file.get(), html_file.get()})
    if (auto done = file->publish(); !done) return fail(done.error());
  if (written.model.totals.mismatched == 0) return written;
  auto const dispute = mismatched_clips(run, written.model);
  if (!dispute) return fail(dispute.error());
  if (auto done = write_dispute(*dispute, folder); !done) return fail(done.error());
  return written;
}

Result<void> write_junit(report::RunReader& run, report::ResultModel const& model, report::TextSink out) {
  report::JunitReport junit{model, std::move(out)};
  auto const read = run.each([&junit](report::ClipLine const& clip) { junit.add(clip); });
  if (!read) return fail(read.error());
  junit.end();
  return {};
}

void ReportCopies::add_to(CLI::App& command) {
  command.add_option("--junit", junit, "Also write the report as JUnit XML to this file")->type_name("FILE");
  command.add_option("--markdown", markdown, "Also write the report as Markdown to this file")
      ->type_name("FILE");
}

Result<void> ReportCopies::try_places() const {
  for (fs::path const* const path : {&junit, &markdown})
    if (!path->empty())
      if (auto tried = WholeFile::try_place(*path); !tried) return tried;
  return {};
}

bool ReportCopies::write(report::RunReader& run, report::ResultModel const& model) const {
  bool whole = true;
  auto const copy = [&whole](fs::path const& path, char const* format, auto const& fill) {
    if (path.empty()) return;
    WholeFile file{path};
    Result<void> done = fill(file.sink());
    if (done) done = file.publish();
    if (done) return;
    whole = false;
    say(fmt::format("warning: no {} report: {}\n  mend: `callsheet report --format {}` writes it to stdout\n",
                    format, done.error().what, format));
  };
  copy(junit, "junit", [&](report::TextSink out) { return write_junit(run, model, std::move(out)); });
  copy(markdown, "markdown", [&](report::TextSink const& out) {
    out(report::markdown_report(model));
    return Result<void>{};
  });
  return whole;
}

}  // namespace callsheet::cli
