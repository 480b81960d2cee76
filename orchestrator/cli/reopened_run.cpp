#include "orchestrator/cli/reopened_run.hpp"

#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

Result<std::unique_ptr<ledger::Ledger>> open_for_writing(Globals const& globals) {
  std::filesystem::path const file = ledger_path(globals);
  if (!std::filesystem::exists(file))
    return fail(Code::not_found, fmt::format("there is no ledger at '{}'", file.string()),
                "go to the folder of the run, or name its ledger with --ledger");
  return ledger::open_sqlite_ledger(file, ledger::Access::read_write);
}

Result<std::unique_ptr<ReopenedRun>> reopen(Globals const& globals, ledger::Ledger& ledger,
                                            ledger::RunSummary const& summary, CatalogFlags const& catalog,
                                            local_gateway::Faults const& faults) {
  auto loaded = load(catalog);
  if (!loaded) return fail(loaded.error());
  auto const site = find_site(summary.gateway, *loaded);
  if (!site)
    return fail(Code::usage, fmt::format("run {}: {}", summary.id.str(), site.error().what),
                site.error().mend);
  auto leases = lease_all(ledger, summary.campaign);
  if (!leases) return fail(leases.error());
  auto run = std::make_unique<ReopenedRun>(ReopenedRun{
      .summary = summary, .leases = *std::move(leases), .catalog = *std::move(loaded), .session = {}});
  auto choice = choose_gateway(*site, ledger_path(globals).parent_path() / "local-gateway", faults);
  if (!choice) return fail(choice.error());
  auto session = Session::open(*std::move(choice), run->catalog);
  if (!session) return fail(session.error());
  run->session = *std::move(session);
  if (auto const balance = run->session->balance(); !balance) return fail(balance.error());
  return run;
}

}  // namespace callsheet::cli
