#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace callsheet::ledger {

/// What files about a campaign are called: any text may be its name.
[[nodiscard]] std::string campaign_file_name(std::string const& campaign);

/// A lock file in `folder`, named by the campaign's digest. The kernel frees it with the process, so a killed
/// run never blocks the next one. Fails with Code::busy or Code::ledger_unavailable.
[[nodiscard]] Result<std::unique_ptr<Lease>> lock_campaign(std::filesystem::path const& folder,
                                                           std::string const& campaign);

}  // namespace callsheet::ledger
