#pragma once

#include "orchestrator/cli/progress.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace callsheet::cli {

/// A display that also writes the run's news as NDJSON (schemas/events.schema.json), one line each, handed to
/// the system at once: to a file, appended, or to stdout when its name is "-". A reader that goes away or a
/// full disk end the stream, not the run, and are told. Holds no prompts, addresses or keys.
/// `shown` may be null. Fails with
/// Code::file_system.
[[nodiscard]] Result<std::unique_ptr<Progress>> with_events(std::unique_ptr<Progress> shown,
                                                            std::filesystem::path const& file, RunId run);

}  // namespace callsheet::cli
