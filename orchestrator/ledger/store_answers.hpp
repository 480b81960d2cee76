#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"

// Private to ledger/: what every store answers alike.
namespace callsheet::ledger {

[[nodiscard]] tl::unexpected<Error> no_such_run(RunId const& id);

/// Says in the summary how its tasks stand.
void set_counts(RunSummary& summary, TaskCounts const& tasks);

}  // namespace callsheet::ledger
