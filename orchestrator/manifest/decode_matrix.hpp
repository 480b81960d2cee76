#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/table.hpp"

#include <map>
#include <string>

namespace callsheet::manifest {

/// Fills `campaign.matrix` from the manifest's `matrix` (null: none) and returns the names it defines.
[[nodiscard]] Scope decode_matrix(Node const* matrix, std::map<std::string, Table> const& tables,
                                  Campaign& campaign, ErrorList& errors);

}  // namespace callsheet::manifest
