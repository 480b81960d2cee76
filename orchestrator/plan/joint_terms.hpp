#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

// What has to hold of campaigns that are to be one run.
namespace callsheet::plan {

using Campaigns = std::vector<manifest::Campaign const*>;

/// Where `key` ("budget.daily") stands in the manifest, else the nearest group around it that does.
[[nodiscard]] manifest::Place place_of_key(manifest::Document const& document, std::string_view key);

/// Tells of equal names, and of settings for the run as a whole that differ.
void check_they_agree(Campaigns const& campaigns, manifest::ErrorList& errors);

/// The folder that all outputs go to: the campaigns' own where it is one, else the one theirs lie in side by
/// side. Empty, and told, when there is none.
[[nodiscard]] std::filesystem::path joint_output_dir(Campaigns const& campaigns, manifest::ErrorList& errors);

/// The strictest of all; what cannot be compared is told.
[[nodiscard]] Limits joint_limits(Campaigns const& campaigns, manifest::ErrorList& errors);

}  // namespace callsheet::plan
