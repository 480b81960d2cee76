#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/session.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace callsheet::cli {

/// A ledger that exists, opened for writing. Fails with Code::not_found where there is none.
[[nodiscard]] Result<std::unique_ptr<ledger::Ledger>> open_for_writing(Globals const& globals);

/// A run of an earlier process, at the gateway it belongs to, with its campaigns kept from other processes.
struct ReopenedRun {
  ledger::RunSummary summary;
  Leases leases;
  catalog::Catalog catalog;
  std::unique_ptr<Session> session;
};

/// `ledger` outlives it. Asks the gateway for its balance: a key or an address that does not work is told
/// before anything else. `faults`: of the embedded gateway. Fails when the environment leads to another
/// gateway than the run's.
[[nodiscard]] Result<std::unique_ptr<ReopenedRun>> reopen(Globals const& globals, ledger::Ledger& ledger,
                                                          ledger::RunSummary const& summary,
                                                          CatalogFlags const& catalog,
                                                          local_gateway::Faults const& faults = {});

}  // namespace callsheet::cli
