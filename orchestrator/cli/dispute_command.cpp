#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/dispute_files.hpp"
#include "orchestrator/cli/format_flags.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/past_run.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

enum class DisputeFormat { as_markdown, as_json };

struct DisputeOptions {
  std::string run;
  std::string task;
  std::filesystem::path folder;
  std::optional<DisputeFormat> printed;  ///< on stdout; empty: files are written
};

/// Of one task, however its clips came: what failed and was billed is as good a reason.
Result<report::Dispute> of_task(report::RunReader& run, std::string const& task) {
  auto stories = run.stories(task);
  if (!stories) return fail(stories.error());
  if (stories->empty())
    return fail(Code::not_found, fmt::format("run {} has no task '{}'", run.head().run.str(), plain(task)),
                "`callsheet status` shows its tasks");
  if (report::is_element(stories->front().clip))
    return fail(Code::usage, fmt::format("'{}' is an element, no clip", plain(task)),
                "`callsheet explain` tells its whole story");
  return report::Dispute{.head = run.head(), .clips = *std::move(stories)};
}

Result<report::Dispute> of_run(report::RunReader& run) {
  auto const model = run.add_up();
  if (!model) return fail(model.error());
  if (model->totals.mismatched == 0)
    return fail(Code::not_found,
                fmt::format("no clip of run {} came other than ordered", run.head().run.str()),
                "name a task to write down what is known of it all the same");
  return mismatched_clips(run, *model);
}

ExitCode write_down(Globals const& globals, DisputeOptions const& flags) {
  auto past = open_past_run(globals, flags.run);
  if (!past) return refuse(past.error());
  report::RunReader& run = past->reader;
  auto const dispute = flags.task.empty() ? of_run(run) : of_task(run, flags.task);
  if (!dispute) return refuse(dispute.error());
  if (flags.printed) {
    bool const as_json = *flags.printed == DisputeFormat::as_json;
    print(as_json ? to_text(report::dispute_json(*dispute)) : report::dispute_markdown(*dispute));
    return ExitCode::done;
  }
  auto const written = write_dispute(*dispute, flags.folder.empty() ? run.output_dir() : flags.folder);
  if (!written) return refuse(written.error());
  print(written->string() + "\n");
  return ExitCode::done;
}

}  // namespace

void add_dispute(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<DisputeOptions>();
  CLI::App* command = app.add_subcommand(
      "dispute", "Write down what came other than ordered, for the gateway's support (dispute.md and .json)");
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest)")
      ->type_name("RUN");
  command->add_option("task", flags->task, "Only this task, however its clips came")->type_name("TASK");
  command->add_option("--to", flags->folder, "Folder to write to (default: the run's output folder)")
      ->type_name("FOLDER");
  add_format_flags(*command, flags->printed, "On stdout, no files: markdown or json",
                   {{"markdown", DisputeFormat::as_markdown}, {"json", DisputeFormat::as_json}});
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return write_down(globals, *flags); }; });
}

}  // namespace callsheet::cli
