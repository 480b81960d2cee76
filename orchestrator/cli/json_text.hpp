#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// Two-space indent, a line end; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string to_text(nlohmann::json const& value);

/// A run as `history` and `status` give it.
[[nodiscard]] nlohmann::json to_json(ledger::RunSummary const& run);

}  // namespace callsheet::cli
