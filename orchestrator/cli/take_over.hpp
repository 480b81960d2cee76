#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/ledger/ledger.hpp"

namespace callsheet::cli {

/// What runs of other campaigns did meanwhile about clips and elements that this run asks for and has not
/// bought: what they made is linked, what they have money out for is waited for, and what they gave up is to
/// be made here. Fails when the ledger or the disk does; what was recorded before stays.
[[nodiscard]] Result<void> take_over(ledger::Ledger& ledger, RunId const& run, TimePoint now);

}  // namespace callsheet::cli
