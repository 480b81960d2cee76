#pragma once

#include "orchestrator/core/result.hpp"

#include <string>

namespace callsheet::media {

/// Whether a person named a file that is there, and is one: fails with Code::not_found or invalid_input.
/// Blocking.
[[nodiscard]] Result<void> check_is_file(std::string const& path);

}  // namespace callsheet::media
