#pragma once

#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/manifest/campaign.hpp"

namespace callsheet::plan {

/// Where the manifest says what an obstacle is about.
[[nodiscard]] manifest::Place place_of(manifest::TaskTemplate const& source,
                                       catalog::Obstacle const& obstacle);
[[nodiscard]] manifest::Place place_of(manifest::ElementEntry const& entry,
                                       catalog::Obstacle const& obstacle);

}  // namespace callsheet::plan
