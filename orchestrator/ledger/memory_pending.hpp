#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/memory_rows.hpp"

#include <memory>

// Private to ledger/: what is left to do of a run.
namespace callsheet::ledger {

[[nodiscard]] std::unique_ptr<Ledger::Pending> read_pending(StoredRun const& run);

}  // namespace callsheet::ledger
