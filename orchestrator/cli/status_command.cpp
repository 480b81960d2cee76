#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct Flags {
  std::string run;
  bool as_json = false;
};

/// The latest attempt of each task; null where there was none.
std::vector<ledger::AttemptRecord const*> latest_attempts(ledger::RunRecord const& run) {
  std::vector<ledger::AttemptRecord const*> latest(run.tasks.size(), nullptr);
  for (ledger::AttemptRecord const& attempt : run.attempts) latest[index(attempt.key.task)] = &attempt;
  return latest;
}

json tasks_json(ledger::RunRecord const& run) {
  auto const latest = latest_attempts(run);
  json tasks = json::array();
  for (std::size_t i = 0; i < run.tasks.size(); ++i) {
    ledger::TaskRecord const& task = run.tasks[i];
    json entry{
        {"task", task.name}, {"take", task.take}, {"outcome", to_string(task.outcome)}, {"why", task.why}};
    entry["clip"] = task.clip ? json(task.clip->path) : json(nullptr);
    if (latest[i] != nullptr)
      entry["attempt"] = {{"model", latest[i]->model.str()},
                          {"state", to_string(latest[i]->state)},
                          {"task_id", latest[i]->task_id.str()}};
    tasks.push_back(std::move(entry));
  }
  return tasks;
}

std::string text_of(ledger::RunRecord const& run) {
  ledger::RunSummary const& s = run.summary;
  std::string text =
      fmt::format("run       {} of campaign {} at gateway {}\n", s.id.str(), plain(s.campaign), s.gateway);
  text += fmt::format("status    {}, started {}{}\n", to_string(s.status), format_rfc3339(s.started),
                      s.ended ? ", ended " + format_rfc3339(*s.ended) : "");
  text +=
      fmt::format("clips     {} made, {} reused, {} failed, {} in doubt, {} skipped, {} outstanding of {}\n",
                  s.made, s.reused, s.failed, s.in_doubt, s.skipped, s.outstanding, s.tasks);
  text += fmt::format("credits   {} billed, {} held, {} refund expected of a cap of {}\n",
                      to_string(s.billed), to_string(s.held), to_string(s.refund_expected), to_string(s.cap));
  auto const latest = latest_attempts(run);
  for (std::size_t i = 0; i < run.tasks.size(); ++i) {
    ledger::TaskRecord const& task = run.tasks[i];
    if (task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::reused) continue;
    std::string state = latest[i] == nullptr ? "not submitted"
                                             : fmt::format("{} on {} {}", to_string(latest[i]->state),
                                                           latest[i]->model.str(), latest[i]->task_id.str());
    text += fmt::format("  {:<11} {} take {}: {}{}{}\n", to_string(task.outcome), plain(task.name, 40),
                        task.take, state, task.why.empty() ? "" : "; ", plain(task.why, 200));
  }
  return text;
}

ExitCode show_status(Globals const& globals, Flags const& flags) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return refuse(ledger.error());
  auto const id = choose_run(**ledger, flags.run);
  if (!id) return refuse(id.error());
  auto const run = (*ledger)->run(*id);
  if (!run) return refuse(run.error());
  if (!flags.as_json) {
    print(text_of(*run));
    return ExitCode::done;
  }
  json value = to_json(run->summary);
  value["tasks"] = tasks_json(*run);
  print(to_text(value));
  return ExitCode::done;
}

}  // namespace

void add_status(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      app.add_subcommand("status", "How a run stands (default: the latest), also while it goes on");
  command->add_option("run", flags->run, "The run, as `history` names it");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return show_status(globals, *flags); }; });
}

}  // namespace callsheet::cli
