#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <string>

namespace callsheet::cli {

/// An attempt that was named on the command line: "12.1", as reports, `status` and `explain` show it.
struct ChosenAttempt {
  ledger::TaskRecord task;
  ledger::AttemptRecord attempt;
};

/// Fails with Code::usage when it is no such name, not_found when the run has no such attempt.
/// `run` should be leased before: what is chosen then stays as it is.
[[nodiscard]] Result<ChosenAttempt> choose_attempt(ledger::Ledger& ledger, ledger::RunSummary const& run,
                                                   std::string const& attempt);

}  // namespace callsheet::cli
