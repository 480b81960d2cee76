#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"

namespace callsheet::manifest {

/// Fills `campaign.tasks`: each entry of the manifest's `tasks` over the presets it uses, and those over
/// `defaults` and what they use; texts are compiled against `scope`. What is said later wins key by key;
/// shots also set aside a duration from further down.
void decode_tasks(Node const& manifest, Scope const& scope, Campaign& campaign, ErrorList& errors);

}  // namespace callsheet::manifest
