#pragma once

#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// What an interrupted run means for whoever runs the same campaign again.
namespace callsheet::cli {

/// The runs of the campaign, or of any of them, that have something left to do and that no process works on.
/// Oldest first.
[[nodiscard]] Result<std::vector<ledger::RunSummary>> unfinished_runs(ledger::Ledger& ledger,
                                                                      std::string const& campaign,
                                                                      std::string const& gateway);

/// Whether what stands in the ledger is the plan that was just made.
[[nodiscard]] bool is_same(plan::PlanTerms const& a, plan::PlanTerms const& b);

/// Who brings home, and how.
struct BringingHome {
  std::string campaign;                       ///< of the new run: what it is of is leased already
  std::function<Result<Session*>()> session;  ///< at the gateway of the runs: asked for where there is need
  RunFlags const& flags;
};
/// What these runs have paid for and not brought home comes home, in their order; nothing is bought. One
/// whose campaigns another process holds is passed over. Empty: so it is; else what the process ends with: it
/// was told to stop, or could not go on.
[[nodiscard]] std::optional<ExitCode> bring_home(ledger::Ledger& ledger,
                                                 std::vector<ledger::RunSummary> const& runs,
                                                 BringingHome const& how);

/// Writes down what may change while a run is under way: nothing that money or tasks hang on.
[[nodiscard]] Result<void> follow(ledger::Ledger& ledger, RunId const& id, plan::PlanTerms const& as_written,
                                  plan::PlanTerms terms);

}  // namespace callsheet::cli
