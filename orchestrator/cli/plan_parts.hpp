#pragma once

#include "orchestrator/cli/campaign_plan.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// What the clips of a plan come to that share a model, or a value of a matrix axis.
struct PlanPart {
  std::string value;
  PlanSums sums;
};
struct PlanBreakdown {
  std::string by;  ///< the axis, or "model"
  std::vector<PlanPart> parts;
};
struct PlanBreakdowns {
  PlanBreakdown model;              ///< that is tried first
  std::vector<PlanBreakdown> axes;  ///< in the matrix's order
};

/// Values in the order they come up.
[[nodiscard]] PlanBreakdowns breakdowns_of(plan::Plan const& plan, std::vector<Reuse> const& reuse);

/// For people: of long lists the beginning.
[[nodiscard]] std::string text_of(PlanBreakdowns const& breakdowns);
[[nodiscard]] nlohmann::json json_of(PlanBreakdowns const& breakdowns);

}  // namespace callsheet::cli
