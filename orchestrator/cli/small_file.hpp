#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace callsheet::cli {

/// The content of a file that is read whole; empty: there is no file of that name. Fails with
/// Code::file_system, also for what is no regular file (a pipe would be waited for) or is larger than 4 MiB.
/// Blocking.
[[nodiscard]] Result<std::optional<std::string>> read_small_file(std::filesystem::path const& path);

}  // namespace callsheet::cli
