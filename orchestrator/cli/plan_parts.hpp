#pragma once

#include "orchestrator/cli/campaign_plan.hpp"

#include <string>
#include <unordered_map>
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
  PlanBreakdown tags;               ///< a clip counts for each tag it has
};

/// Adds a plan up, task by task. Values stand in the order they come up.
class PlanAdder {
 public:
  explicit PlanAdder(std::vector<std::string> const& axes);
  void add(plan::PlannedTask const& task, Known known);
  [[nodiscard]] PlanBreakdowns const& sums() const { return sums_; }

 private:
  using Places = std::unordered_map<std::string, std::size_t>;
  static void add(PlanBreakdown& breakdown, Places& places, std::string const& value,
                  plan::PlannedTask const& task, Known known);

  PlanBreakdowns sums_;
  Places models_;
  Places tags_;
  std::vector<Places> values_;  ///< by axis
};

/// For people: of long lists the beginning.
[[nodiscard]] std::string text_of(PlanBreakdowns const& breakdowns);
[[nodiscard]] nlohmann::json json_of(PlanBreakdowns const& breakdowns);

}  // namespace callsheet::cli
