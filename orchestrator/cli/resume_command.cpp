#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/storm_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct ResumeOptions {
  std::string run;
  CatalogFlags catalog;
  RunFlags run_flags;
  StormFlags storm;
};

/// The run that was named, or the newest with something left to do; empty: there is none.
Result<std::optional<ledger::RunSummary>> find_run(ledger::Ledger& ledger, std::string const& id) {
  constexpr int looked_at = 1000;
  auto const runs = ledger.runs(looked_at);
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs)
    if (id.empty() ? run.outstanding + run.in_doubt > 0 : run.id.str() == id) return run;
  if (id.empty()) return std::optional<ledger::RunSummary>{};
  return fail(Code::not_found, fmt::format("no run '{}' in this ledger", id), "see `callsheet history`");
}

ExitCode resume(Globals const& globals, ResumeOptions const& flags) {
  auto const faults = read_storm(flags.storm);
  if (!faults) return faults.error();
  std::filesystem::path const file = ledger_path(globals);
  if (!std::filesystem::exists(file))
    return refuse({.code = Code::not_found,
                   .what = fmt::format("there is no ledger at '{}'", file.string()),
                   .mend = "go to the folder of the run, or name its ledger with --ledger"});
  auto ledger = ledger::open_sqlite_ledger(file, ledger::Access::read_write);
  if (!ledger) return refuse(ledger.error());
  auto const found = find_run(**ledger, flags.run);
  if (!found) return refuse(found.error());
  if (!*found) {
    say("nothing to resume: every run has ended\n");
    return ExitCode::done;
  }
  ledger::RunSummary const& summary = **found;
  if (summary.outstanding + summary.in_doubt == 0) {
    say(fmt::format("run {} has ended: nothing is left to do\n", summary.id.str()));
    return conclude(**ledger, summary.id);
  }
  GatewayKind const kind = summary.gateway == "local" ? GatewayKind::embedded : GatewayKind::remote;
  auto const name = gateway_name(kind);
  if (!name) return refuse(name.error());
  if (*name != summary.gateway)
    return refuse(
        {.code = Code::usage,
         .what = fmt::format("run {} belongs to the gateway '{}', and EVOLINK_BASE_URL leads to '{}'",
                             summary.id.str(), summary.gateway, *name),
         .mend = "set EVOLINK_BASE_URL as it was when the run began"});
  if (kind == GatewayKind::remote && !flags.storm.file.empty())
    return refuse({.code = Code::usage,
                   .what = fmt::format("run {} does not use the built-in gateway, so it cannot have a storm",
                                       summary.id.str()),
                   .mend = "give the storm to `callsheet gateway`"});
  auto const lease = (*ledger)->lease(summary.campaign);
  if (!lease) return refuse(lease.error());
  auto const catalog = load(flags.catalog);
  if (!catalog) return refuse(catalog.error());
  auto choice = choose_gateway(kind, file.parent_path() / "local-gateway", *faults);
  if (!choice) return refuse(choice.error());
  auto session = Session::open(*std::move(choice), *catalog);
  if (!session) return refuse(session.error());
  if (auto const balance = (*session)->balance(); !balance) return refuse(balance.error());
  if (auto taken = take_over_clips(**ledger, *name, summary.id, (*session)->clock().now()); !taken)
    return refuse(taken.error());
  say(fmt::format("resuming run {} of {}: {} of {} clips to go\n", summary.id.str(), plain(summary.campaign),
                  summary.outstanding + summary.in_doubt, summary.tasks));
  return carry_out(**session, **ledger, summary.id, flags.run_flags, Session::Mode::all);
}

}  // namespace

void add_resume(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<ResumeOptions>();
  CLI::App* command =
      app.add_subcommand("resume", "Go on with an interrupted run; nothing is paid for twice");
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest unfinished)");
  command->add_option("-j,--in-flight", flags->run_flags.in_flight, "Tasks at the gateway at a time")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--log", flags->run_flags.log, "Append every event of the run to this file")
      ->envname("CALLSHEET_LOG");
  flags->storm.add_to(*command);
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return resume(globals, *flags); }; });
}

}  // namespace callsheet::cli
