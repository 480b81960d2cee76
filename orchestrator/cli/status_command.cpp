#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/command_hint.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/run_words.hpp"
#include "orchestrator/cli/status_watch.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/report/run_reader.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct StatusOptions {
  std::string run;
  bool as_json = false;
  bool watched = false;
};

json task_json(ledger::TaskRecord const& task) {
  json entry{
      {"task", task.name}, {"take", task.take}, {"outcome", to_string(task.outcome)}, {"why", task.why}};
  entry["clip"] = task.clip ? json(task.clip->path) : json(nullptr);
  if (!task.attempts.empty()) {
    ledger::AttemptRecord const& latest = task.attempts.back();
    entry["attempt"] = {{"attempt", to_string(latest.key)},
                        {"model", latest.model.str()},
                        {"state", to_string(latest.state)},
                        {"task_id", latest.task_id.str()}};
  }
  return entry;
}

std::string line_of(ledger::TaskRecord const& task) {
  std::string state = "not submitted";
  if (!task.attempts.empty()) {
    ledger::AttemptRecord const& latest = task.attempts.back();
    state = fmt::format("attempt {} {} on {} {}", to_string(latest.key), to_string(latest.state),
                        latest.model.str(), latest.task_id.str());
  }
  return fmt::format("  {:<11} {} take {}: {}{}{}\n", to_string(task.outcome), plain(task.name, 40),
                     task.take, state, task.why.empty() ? "" : "; ", plain(task.why, 200));
}

std::string counts_line(std::string_view of_what, ledger::TaskCounts const& counts) {
  return fmt::format(
      "{:<9} {} made, {} mismatched, {} reused, {} failed, {} in doubt, {} waiting, {} skipped, {} outstanding of {}\n",
      of_what, counts.made, counts.mismatched, counts.reused, counts.failed, counts.in_doubt, counts.waiting,
      counts.skipped, counts.outstanding, counts.all);
}

/// "interrupted: its process is gone": a word more than the status where there is one.
std::string status_words(ledger::RunSummary const& run) {
  if (run.process_gone) return "interrupted: its process is gone";
  std::string words{to_string(run.status)};
  if (run.process) words += fmt::format(" in process {}", *run.process);
  return words;
}

std::string text_of(ledger::RunSummary const& s, Globals const& globals) {
  std::string text =
      fmt::format("run       {} of campaign {} at gateway {}\n", s.id.str(), plain(s.campaign), s.gateway);
  text += fmt::format("status    {}, started {}{}\n", status_words(s), format_rfc3339(s.started),
                      s.ended ? ", ended " + format_rfc3339(*s.ended) : "");
  text += counts_line("clips", s.clips());
  if (s.elements.all > 0) text += counts_line("elements", s.elements);
  text += fmt::format("credits   {} billed, {} held, {} refund expected of a cap of {}\n",
                      to_string(s.balance.billed), to_string(s.balance.held),
                      to_string(s.balance.refund_expected), to_string(s.cap));
  if (!s.waiting_for.empty()) text += fmt::format("waits     {}\n", waited_for(s));
  if (s.status == RunStatus::interrupted || (s.waiting > 0 && s.status != RunStatus::running))
    text += fmt::format("go on     {}\n", command_hint(globals, {"resume", s.id.str()}));
  return text;
}

ExitCode print_text(Globals const& globals, ledger::Ledger& ledger, RunId const& id) {
  auto const run = ledger.run(id);
  if (!run) return refuse(run.error());
  print(text_of(run->summary, globals));
  for (ledger::Note const& note : run->notes) print(fmt::format("note      {}\n", plain(note.text)));
  auto const shown = ledger::for_each_task(ledger, id, [](ledger::TaskRecord const& task) -> Result<void> {
    if (task.outcome != TaskOutcome::made && task.outcome != TaskOutcome::reused) print(line_of(task));
    return {};
  });
  return shown ? ExitCode::done : refuse(shown.error());
}

/// Until the run ends, and then as the run exits; whoever leaves before is told that it goes on.
ExitCode watch_status(Globals const& globals, ledger::Ledger& ledger, RunId const& id) {
  auto const watched = watch(ledger, id);
  if (!watched) return refuse(watched.error());
  if (*watched == Watched::left) {
    say(fmt::format("run {} goes on\n", id.str()));
    return ExitCode::outstanding;
  }
  if (ExitCode const code = print_text(globals, ledger, id); code != ExitCode::done) return code;
  auto reader = report::RunReader::open(ledger, id, {.version = version, .command = command_for(ledger)});
  if (!reader) return refuse(reader.error());
  auto const model = reader->add_up();
  return model ? exit_code_of(*model) : refuse(model.error());
}

ExitCode show_status(Globals const& globals, StatusOptions const& flags) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return refuse(ledger.error());
  auto const id = choose_run(**ledger, flags.run);
  if (!id) return refuse(id.error());
  if (flags.watched) return watch_status(globals, **ledger, *id);
  if (!flags.as_json) return print_text(globals, **ledger, *id);
  auto const run = (*ledger)->run(*id);
  if (!run) return refuse(run.error());
  json value = to_json(run->summary);
  json notes = json::array();
  for (ledger::Note const& note : run->notes) notes.push_back(note.text);
  value["notes"] = std::move(notes);
  json tasks = json::array();
  auto const read = ledger::for_each_task(**ledger, *id, [&](ledger::TaskRecord const& task) -> Result<void> {
    tasks.push_back(task_json(task));
    return {};
  });
  if (!read) return refuse(read.error());
  value["tasks"] = std::move(tasks);
  print(to_text(value));
  return ExitCode::done;
}

}  // namespace

void add_status(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<StatusOptions>();
  CLI::App* command =
      app.add_subcommand("status", "How a run stands (default: the latest), also while it goes on");
  command->add_option("run", flags->run, "The run, as `history` names it")->type_name("RUN");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  command
      ->add_flag(
          "--watch", flags->watched,
          "Until it ends, and then as the run exits: kept up to date on a terminal, else a line a change")
      ->excludes("--json");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return show_status(globals, *flags); }; });
}

}  // namespace callsheet::cli
