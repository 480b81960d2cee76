#pragma once

#include "orchestrator/core/error.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// A workflow command of GitHub Actions: the message stands beside its line in the changed file. One line,
/// with its end.
[[nodiscard]] std::string github_annotation(Error const& error);

/// For editors and other programs: file, line, column and width from 1, or null where there is no place.
[[nodiscard]] nlohmann::json to_json(Error const& error);

}  // namespace callsheet::cli
