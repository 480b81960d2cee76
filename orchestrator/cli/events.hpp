#pragma once

#include "orchestrator/cli/line_stream.hpp"
#include "orchestrator/cli/progress.hpp"
#include "orchestrator/core/ids.hpp"

#include <memory>

namespace callsheet::cli {

/// A display that also writes the run's news as NDJSON (schemas/events.schema.json), one line each, handed on
/// at once. A reader that stands still or goes away and a full disk end the stream, not the run, and are
/// told. Holds no prompts, addresses or keys. `shown` may be null.
[[nodiscard]] std::unique_ptr<Progress> with_events(std::unique_ptr<Progress> shown,
                                                    std::shared_ptr<LineStream> lines, RunId run);

}  // namespace callsheet::cli
