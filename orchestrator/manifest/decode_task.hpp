#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"

namespace callsheet::manifest {

/// Fills `campaign.tasks`: each entry of `tasks` over `defaults` (null: none), its texts compiled against
/// `scope`. What a task says wins over the defaults key by key; shots of its own also set aside an inherited
/// duration.
void decode_tasks(Node const* defaults, Node const& tasks, Scope const& scope, Campaign& campaign,
                  ErrorList& errors);

}  // namespace callsheet::manifest
