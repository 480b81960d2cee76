#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/format_flags.hpp"
#include "orchestrator/cli/past_run.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/markdown_report.hpp"
#include "orchestrator/report/replaced_run.hpp"
#include "orchestrator/report/result_builder.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/text_summary.hpp"

#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

enum class ReportFormat { as_json, as_csv, as_junit, as_markdown };

struct ReportOptions {
  std::string run;
  std::filesystem::path folder;
  std::optional<ReportFormat> printed;  ///< on stdout; empty: files are written
  StillWish stills = StillWish::some;
};

ExitCode print_json(report::RunReader& run) {
  report::JsonReport document{run.head(), [](std::string_view piece) { print(piece); }};
  report::ResultBuilder builder{run.head()};
  StillFiles stills{StillWish::none};
  auto const read = run.each([&](report::ClipLine clip) {
    if (clip.file) stills.keep(run.output_dir(), *clip.file);
    document.add(clip);
    builder.add(std::move(clip));
  });
  if (!read) return refuse(read.error());
  document.end(std::move(builder).finish());
  return ExitCode::done;
}

ExitCode print_csv(report::RunReader& run) {
  report::CsvReport document{run.head(), [](std::string_view piece) { print(piece); }};
  auto const read = run.each([&document](report::ClipLine const& clip) { document.add(clip); });
  return read ? ExitCode::done : refuse(read.error());
}

ExitCode print_report(report::RunReader& run, ReportFormat format) {
  if (format == ReportFormat::as_json) return print_json(run);
  if (format == ReportFormat::as_csv) return print_csv(run);
  auto const model = run.add_up();
  if (!model) return refuse(model.error());
  if (format == ReportFormat::as_markdown) {
    print(report::markdown_report(*model));
    return ExitCode::done;
  }
  auto const written = write_junit(run, *model, [](std::string_view piece) { print(piece); });
  return written ? ExitCode::done : refuse(written.error());
}

ExitCode write_report(Globals const& globals, ReportOptions const& flags) {
  auto past = open_past_run(globals, flags.run);
  if (!past) return refuse(past.error());
  report::RunReader& run = past->reader;
  if (flags.printed) return print_report(run, *flags.printed);
  auto const own = report::report_folder(run.ledger(), run.head().run, run.output_dir());
  if (!own) return refuse(own.error());
  auto const written = write_reports(run, flags.folder.empty() ? *own : flags.folder, flags.stills);
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
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest)")
      ->type_name("RUN");
  command->add_option("--to", flags->folder, "Folder to write to (default: the run's output folder)")
      ->type_name("FOLDER");
  std::map<std::string, StillWish> const wishes{
      {"none", StillWish::none}, {"some", StillWish::some}, {"all", StillWish::all}};
  command
      ->add_option("--stills", flags->stills,
                   "Posters and filmstrips to make of clips that have none: some (the default) stops after a "
                   "minute")
      ->transform(CLI::CheckedTransformer(wishes).description("{none,some,all}"));
  add_format_flags(*command, flags->printed,
                   "The report on stdout, no files: json, csv, junit (XML) or markdown",
                   {{"json", ReportFormat::as_json},
                    {"csv", ReportFormat::as_csv},
                    {"junit", ReportFormat::as_junit},
                    {"markdown", ReportFormat::as_markdown}});
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return write_report(globals, *flags); }; });
}

}  // namespace callsheet::cli
