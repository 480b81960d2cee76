#pragma once

#include "orchestrator/plan/plan.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callsheet::plan {

// How plans are written down, in the ledger and in saved plans: JSON with sorted keys, the same text for the
// same plan. Money is in 1/10,000 credit; texts that are not UTF-8 come back with U+FFFD. What cannot be
// decoded was written by another version, or is damaged: it gives an empty answer, never an exception.

/// Without its route, which many tasks share, and its identity, which stands beside it wherever it is kept.
[[nodiscard]] std::string encode_task(PlannedTask const& task);
[[nodiscard]] std::optional<PlannedTask> decode_task(std::string_view text);

[[nodiscard]] std::string encode_route(Route const& route);
[[nodiscard]] std::optional<Route> decode_route(std::string_view text);

[[nodiscard]] std::string encode_terms(PlanTerms const& terms);
[[nodiscard]] std::optional<PlanTerms> decode_terms(std::string_view text);

}  // namespace callsheet::plan
