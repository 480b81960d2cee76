#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"

#include <memory>

namespace callsheet::manifest {

/// The campaign a document of the right shape (check_schema) stands for. Reads its data files: blocking. What
/// cannot be decoded goes to `errors` and is left out.
[[nodiscard]] Campaign decode(std::shared_ptr<Document const> document, std::filesystem::path const& folder,
                              ErrorList& errors);

}  // namespace callsheet::manifest
