#pragma once

#include "orchestrator/cli/progress.hpp"
#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <memory>

namespace callsheet::cli {

/// A display that also writes every news of the run to a log file, one line each, appended. Fails with
/// Code::file_system when the file cannot be opened.
[[nodiscard]] Result<std::unique_ptr<Progress>> with_log(std::unique_ptr<Progress> shown,
                                                         std::filesystem::path const& file);

}  // namespace callsheet::cli
