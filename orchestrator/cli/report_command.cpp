#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/report/collect.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/text_summary.hpp"

#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct Flags {
  std::string run;
  std::filesystem::path folder;
  bool as_json = false;
};

ExitCode write_report(Globals const& globals, Flags const& flags) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return refuse(ledger.error());
  auto const id = choose_run(**ledger, flags.run);
  if (!id) return refuse(id.error());
  auto const model = report::collect(**ledger, *id, version);
  if (!model) return refuse(model.error());
  if (flags.as_json) {
    print(report::json_report(*model));
    return ExitCode::done;
  }
  auto const output_dir = output_dir_of(**ledger, *id);
  if (!output_dir) return refuse(output_dir.error());
  auto const files = write_reports(*model, flags.folder.empty() ? *output_dir : flags.folder, *output_dir);
  if (!files) return refuse(files.error());
  say(report::text_summary(*model));
  print(files->html.string() + "\n");
  return ExitCode::done;
}

}  // namespace

void add_report(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      app.add_subcommand("report", "Write a run's report again (HTML, JSON, CSV) and print its path");
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest)");
  command->add_option("--to", flags->folder, "Folder to write to (default: the run's output folder)");
  command->add_flag("--json", flags->as_json, "report.json on stdout, no files");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return write_report(globals, *flags); }; });
}

}  // namespace callsheet::cli
