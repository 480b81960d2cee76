#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/error_list.hpp"

namespace callsheet::manifest {

/// The entries of `elements` into the campaign: the schema has seen that each key holds what it should, and
/// here it is whether they go together. Errors go to `errors`.
void decode_elements(Node const& elements, Campaign& campaign, ErrorList& errors);

}  // namespace callsheet::manifest
