#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/error.hpp"
#include "orchestrator/manifest/campaign.hpp"

#include <string>
#include <vector>

namespace callsheet::plan {

/// The gateway a campaign is made with: `wish`, or where that is empty the manifest's, or the program's own.
/// What the manifest leaves open of it is filled in from the profile. Fails with Code::usage for a wish that
/// the catalog does not have, else Code::invalid_manifest.
[[nodiscard]] Result<GatewayProfile> settle_gateway(manifest::Campaign& campaign,
                                                    catalog::Catalog const& catalog, std::string const& wish);

/// Names in the manifest's `env` that belong to keys of gateways: texts must not show those.
[[nodiscard]] std::vector<Error> keys_in_reach(manifest::Campaign const& campaign,
                                               catalog::Catalog const& catalog);

}  // namespace callsheet::plan
