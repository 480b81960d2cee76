#pragma once

#include "orchestrator/core/gateway_profile.hpp"

#include <vector>

#include <yaml-cpp/yaml.h>

// Private to catalog/.
namespace callsheet::catalog {

/// The section `gateways` of the catalog that the program was built with.
void add_own_gateways(YAML::Node const& section, std::vector<GatewayProfile>& gateways);

/// The section of a file of the user's: adds profiles, or changes settings of those there are. Where a key
/// goes is a matter of safety: the address of the program's own profile stays, and another has a key of its
/// own. Throws Bad.
void add_gateways(YAML::Node const& section, std::vector<GatewayProfile>& gateways);

}  // namespace callsheet::catalog
