#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"
#include "orchestrator/run/recovery.hpp"

#include <optional>
#include <string>

// What an interrupted run means for whoever runs the same campaign again.
namespace callsheet::cli {

/// The newest run of the campaign, or of any of them, that has something left to do, if there is one.
[[nodiscard]] Result<std::optional<ledger::RunSummary>> unfinished_run(ledger::Ledger& ledger,
                                                                       std::string const& campaign,
                                                                       std::string const& gateway);

/// Whether what stands in the ledger is the plan that was just made.
[[nodiscard]] bool is_same(plan::PlanTerms const& a, plan::PlanTerms const& b);

/// Money is out that can be brought home: not only doubts.
[[nodiscard]] Result<bool> has_paid(run::RunState const& run);

/// Writes down what may change while a run is under way: nothing that money or tasks hang on.
[[nodiscard]] Result<void> follow(ledger::Ledger& ledger, RunId const& id, plan::PlanTerms const& as_written,
                                  plan::PlanTerms terms);

}  // namespace callsheet::cli
