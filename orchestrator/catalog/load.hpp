#pragma once

#include "orchestrator/catalog/model.hpp"

#include <filesystem>
#include <string>

namespace callsheet::catalog {

/// The catalog the program was built with (manifests/catalog/evolink.yaml), or the one in `file`. `prices`:
/// the name of a price list in it; empty means its first. Fails with Code::invalid_manifest at
/// file:line:column, Code::not_found or Code::file_system.
[[nodiscard]] Result<Catalog> load_catalog(std::filesystem::path const& file = {},
                                           std::string const& prices = {});

}  // namespace callsheet::catalog
