#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/result_builder.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/text_summary.hpp"

#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct ReportOptions {
  std::string run;
  std::filesystem::path folder;
  bool as_json = false;
};

ExitCode print_json(report::RunReader& run) {
  report::JsonReport document{run.head(), [](std::string_view piece) { print(piece); }};
  report::ResultBuilder builder{run.head()};
  auto const read = run.each([&](report::ClipLine clip) {
    document.add(clip);
    builder.add(std::move(clip));
  });
  if (!read) return refuse(read.error());
  document.end(std::move(builder).finish());
  return ExitCode::done;
}

ExitCode write_report(Globals const& globals, ReportOptions const& flags) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return refuse(ledger.error());
  auto const id = choose_run(**ledger, flags.run);
  if (!id) return refuse(id.error());
  auto run = report::RunReader::open(**ledger, *id, version);
  if (!run) return refuse(run.error());
  if (flags.as_json) return print_json(*run);
  auto const written = write_reports(*run, flags.folder.empty() ? run->output_dir() : flags.folder);
  if (!written) return refuse(written.error());
  say(report::text_summary(written->model));
  print(written->html.string() + "\n");
  return ExitCode::done;
}

}  // namespace

void add_report(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<ReportOptions>();
  CLI::App* command =
      app.add_subcommand("report", "Write a run's report again (HTML, JSON, CSV) and print its path");
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest)");
  command->add_option("--to", flags->folder, "Folder to write to (default: the run's output folder)");
  command->add_flag("--json", flags->as_json, "report.json on stdout, no files");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return write_report(globals, *flags); }; });
}

}  // namespace callsheet::cli
