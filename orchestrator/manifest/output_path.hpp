#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/manifest/template.hpp"

#include <filesystem>
#include <string>

namespace callsheet::manifest {

/// Why a path may not be used: told at the place of outputs.file.
struct BadPath {
  std::string what;
  std::string mend;
};

/// The relative path a task's clip gets: slashes written in the template make folders, values that are filled
/// in never do. Characters that some file system forbids become `-`. Fails when the result would leave the
/// folder, has an empty part, or does not end in ".mp4". Pure.
[[nodiscard]] tl::expected<std::filesystem::path, BadPath> output_path(Template const& file,
                                                                       Bindings const& bindings);

}  // namespace callsheet::manifest
