#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// Two-space indent, a line end; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string to_text(nlohmann::json const& value);

/// {"credits": "7.2036", "units": 72036}, the form of schemas/report.schema.json.
[[nodiscard]] nlohmann::json to_json(Credits amount);

/// A run as `history` and `status` give it.
[[nodiscard]] nlohmann::json to_json(ledger::RunSummary const& run);

}  // namespace callsheet::cli
