#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/run_words.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

constexpr int runs_shown = 20;

std::string table(std::vector<ledger::RunSummary> const& runs) {
  std::string text = fmt::format("{:<20}  {:<24}  {:<17}  {:>7}  {:>9}  {:>6}  {:>12}  {}\n", "RUN",
                                 "CAMPAIGN", "STATUS", "TO GO", "COMPLETED", "FAILED", "SPENT", "GATEWAY");
  for (ledger::RunSummary const& run : runs) {
    ledger::TaskCounts const clips = run.clips();
    text += fmt::format("{:<20}  {:<24}  {:<17}  {:>7}  {:>9}  {:>6}  {:>12}  {}{}\n", run.id.str(),
                        plain(run.campaign, 24), to_string(run.status), clips.outstanding,
                        fmt::format("{}/{}", clips.made + clips.mismatched + clips.reused, clips.all),
                        clips.failed + clips.in_doubt,
                        to_string(run.balance.billed + run.balance.refund_expected), run.gateway,
                        run.waiting_for.empty() ? "" : "  waits " + waited_for(run));
  }
  return text;
}

ExitCode show_history(Globals const& globals, bool as_json) {
  auto ledger = open_for_reading(globals);
  if (!ledger && ledger.error().code != Code::not_found) return refuse(ledger.error());
  Result<std::vector<ledger::RunSummary>> runs = std::vector<ledger::RunSummary>{};
  if (ledger) runs = (*ledger)->runs(runs_shown);
  if (!runs) return refuse(runs.error());
  if (as_json) {
    nlohmann::json list = nlohmann::json::array();
    for (ledger::RunSummary const& run : *runs) list.push_back(to_json(run));
    print(to_text({{"runs", std::move(list)}}));
  } else if (runs->empty()) {
    say("no runs yet: start one with `callsheet run MANIFEST`\n");
  } else {
    print(table(*runs));
  }
  return ExitCode::done;
}

}  // namespace

void add_history(CLI::App& app, Globals& globals, Work& work) {
  auto as_json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("history", "The 20 latest runs: running, completed, spent");
  command->add_flag("--json", *as_json, "JSON on stdout");
  command->callback(
      [as_json, &globals, &work] { work = [as_json, &globals] { return show_history(globals, *as_json); }; });
}

}  // namespace callsheet::cli
