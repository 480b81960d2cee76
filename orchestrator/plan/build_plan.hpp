#pragma once

#include "orchestrator/catalog/model.hpp"
#include "orchestrator/core/image_facts.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/plan/plan.hpp"

namespace callsheet::plan {

/// Expands the campaign, looks at each local picture once, and finds a route for every task. All errors are
/// collected, each at its place in the manifest. Blocks as far as `probe` does.
[[nodiscard]] Checked<Plan> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                                       ImageProbe const& probe);

/// Sum of the prices of the chosen candidates.
[[nodiscard]] Credits expected_cost(Plan const& plan);

}  // namespace callsheet::plan
