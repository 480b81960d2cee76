#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <string>

namespace callsheet::cli {

/// "for run A, run B": whose clips a run waits for; of many only the first few.
[[nodiscard]] std::string waited_for(ledger::RunSummary const& run);

}  // namespace callsheet::cli
