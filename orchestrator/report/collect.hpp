#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::report {

/// The result model of a run as the ledger remembers it. Blocking. Fails with Code::not_found, or
/// ledger_unavailable when what stands there cannot be read as a plan.
[[nodiscard]] Result<ResultModel> collect(ledger::Ledger& ledger, RunId const& run,
                                          std::string program_version);

}  // namespace callsheet::report
