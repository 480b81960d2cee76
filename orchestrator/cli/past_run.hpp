#pragma once

#include "orchestrator/cli/command.hpp"
#include "orchestrator/report/run_reader.hpp"

#include <memory>
#include <string>

namespace callsheet::cli {

/// A run as the ledger has it, and the ledger that it is read from.
struct PastRun {
  std::unique_ptr<ledger::Ledger> ledger;
  report::RunReader reader;
};

/// For the commands that tell of a run, which is `id` or the newest when that is empty. Fails with
/// Code::not_found and as the ledger.
[[nodiscard]] Result<PastRun> open_past_run(Globals const& globals, std::string const& id);

}  // namespace callsheet::cli
