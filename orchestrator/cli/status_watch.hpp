#pragma once

#include "orchestrator/cli/command.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"

namespace callsheet::cli {

enum class Watched {
  ended,  ///< nobody works on the run any more
  left,   ///< whoever watched has had enough (SIGINT, SIGTERM, SIGHUP); the run knows nothing of it
};

/// Shows on stdout how a run goes, until it ends: a few lines kept up to date on a terminal, else a line for
/// each change. Only reads the ledger, and rests between the looks at least ten times as long as they take.
/// Blocks; to be called where no other thread is. Fails as the ledger.
[[nodiscard]] Result<Watched> watch(ledger::Ledger& ledger, RunId const& run);

}  // namespace callsheet::cli
