#pragma once

#include "orchestrator/cli/line_stream.hpp"
#include "orchestrator/cli/progress.hpp"
#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <memory>

namespace callsheet::cli {

/// Opens a log file, its folder made where there is none. Fails with Code::file_system.
[[nodiscard]] Result<std::shared_ptr<LineStream>> open_log(std::filesystem::path const& file);

/// A display that also writes every news of the run to a log, one line each, appended.
[[nodiscard]] std::unique_ptr<Progress> with_log(std::unique_ptr<Progress> shown,
                                                 std::shared_ptr<LineStream> lines);

}  // namespace callsheet::cli
