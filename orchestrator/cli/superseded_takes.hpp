#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/ledger/ledger.hpp"

// A retake that was interrupted may have been followed by another one of the same takes, or people may have
// come to accept what it was to replace: what it was still to buy is no longer wanted.
namespace callsheet::cli {

/// Withdraws from `run` what it has not bought and a later run makes anew, and says so; the run is ended
/// where that leaves it nothing to do. Gives whether anything was. To be called under the run's lease. Fails
/// when the ledger does; what was recorded before stays.
[[nodiscard]] Result<bool> withdraw_superseded(ledger::Ledger& ledger, ledger::RunSummary const& run,
                                               TimePoint now);

/// The same of takes that the review beside the run's report has accepted meanwhile, where the run makes
/// clips anew. Fails when the review cannot be read, too.
[[nodiscard]] Result<bool> withdraw_accepted(ledger::Ledger& ledger, ledger::RunSummary const& run,
                                             TimePoint now);

/// What withdraw_superseded() does for every interrupted run of the campaign of `by`, under its lease.
[[nodiscard]] Result<void> withdraw_older(ledger::Ledger& ledger, RunId const& by, TimePoint now);

}  // namespace callsheet::cli
