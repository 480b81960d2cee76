#pragma once

#include "orchestrator/core/limits.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/expand.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace callsheet::plan {

/// Which caps of the budget tasks count against: `budget.groups`. Refers to the campaign.
class TaskGroups {
 public:
  explicit TaskGroups(manifest::Campaign const& campaign) : campaign_{campaign} {}

  /// Those of `task`; caps of values that come up for the first time are added to `budget`, always the same.
  /// With more than GroupSet::groups_most they stand for nothing, and there must be no plan.
  [[nodiscard]] GroupSet of(manifest::ExpandedTask const& task, Budget& budget);

 private:
  manifest::Campaign const& campaign_;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> numbers_;  ///< by axis and value
};

}  // namespace callsheet::plan
