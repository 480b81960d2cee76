#pragma once

#include "orchestrator/plan/plan.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callsheet::plan {

// A plan as JSON, for the ledger: a run is resumed from these texts alone, without its manifest.

[[nodiscard]] std::string encode_settings(Plan const& plan);  ///< everything but the tasks
[[nodiscard]] std::string encode_task(PlannedTask const& task);

/// Empty when the text is not what the encoder writes.
[[nodiscard]] std::optional<Plan> decode_settings(std::string_view json);
[[nodiscard]] std::optional<PlannedTask> decode_task(std::string_view json);

}  // namespace callsheet::plan
