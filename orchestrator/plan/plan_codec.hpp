#pragma once

#include "orchestrator/plan/plan.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callsheet::plan {

/// One task as JSON, everything kept: the ledger stores it so that a run can be resumed without its manifest.
/// Stable: the same task gives the same bytes. Pure.
[[nodiscard]] std::string encode_task(PlannedTask const& task);
/// Empty when the text is not what `encode_task` writes.
[[nodiscard]] std::optional<PlannedTask> decode_task(std::string_view json);

/// The plan without its tasks: campaign, budget, limits, output folder, rate, price list. Pure.
[[nodiscard]] std::string encode_settings(Plan const& plan);
/// Empty when the text is not what `encode_settings` writes.
[[nodiscard]] std::optional<Plan> decode_settings(std::string_view json);

}  // namespace callsheet::plan
