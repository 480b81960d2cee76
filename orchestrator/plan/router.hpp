#pragma once

#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/catalog/model.hpp"
#include "orchestrator/plan/route.hpp"

#include <optional>
#include <string>
#include <vector>

namespace callsheet::plan {

/// What narrows the choice of models for one task.
struct RouteRules {
  std::vector<std::string> pinned;       ///< model ids; empty: any
  std::vector<std::string> allow;        ///< globs; empty: any
  std::optional<int> max_price_percent;  ///< of the cheapest candidate of the same quality
  std::optional<Credits> per_task;       ///< no candidate may cost more
};

/// The models that can do `request` at each quality of the ladder, by price, then by the catalog's order.
/// Empty candidates: none can; `left_out` says why for each. Pure, any thread.
[[nodiscard]] Route find_route(catalog::Catalog const& catalog, Request request,
                               std::vector<Quality> const& ladder, catalog::Pictures pictures,
                               RouteRules const& rules);

/// Shell-like matching of `*` and `?`, nothing else.
[[nodiscard]] bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace callsheet::plan
