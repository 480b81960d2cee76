#pragma once

#include "orchestrator/cli/progress.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace callsheet::cli {

/// How often the metrics are written while a run goes on.
inline constexpr std::chrono::seconds metrics_interval{5};

/// A display that also keeps a file of Prometheus' text format (0.0.4) up to date, as node_exporter's
/// textfile collector reads it: replaced as a whole, every metrics_interval and at the end, when the states
/// and the money are the ledger's own. Counters are of this process: where a run goes on, they begin anew. A
/// file that cannot be written is told once and costs the run nothing. `shown` may be null; `ledger` outlives
/// the display. Fails when the ledger does.
[[nodiscard]] Result<std::unique_ptr<Progress>> with_metrics(std::unique_ptr<Progress> shown,
                                                             std::filesystem::path file,
                                                             ledger::Ledger& ledger, RunId const& run);

}  // namespace callsheet::cli
