#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/plan/plan.hpp"

#include <string>

namespace callsheet::cli {

/// What a run is about to make and for how much, as it is told before money moves. Ends with a line break.
[[nodiscard]] std::string announcement(plan::PlanTerms const& terms, PlanSums const& sums);

}  // namespace callsheet::cli
