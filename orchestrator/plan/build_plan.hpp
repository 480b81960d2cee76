#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/image_facts.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/plan/plan.hpp"

namespace callsheet::plan {

/// Every task of the campaign with its priced route, or everything that stands in the way, at its place in
/// the manifest: what no model can do, pictures that are missing or beyond the models' limits, names and
/// clips that come twice. Each picture is probed once. Deterministic; blocks as `probe` does. Never spends,
/// never asks the network.
[[nodiscard]] Checked<Plan> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                                       ImageProbe const& probe);

}  // namespace callsheet::plan
