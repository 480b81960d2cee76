#pragma once

#include "orchestrator/core/request.hpp"

#include <nlohmann/json_fwd.hpp>

namespace callsheet {

/// For the ledger and saved plans: local paths kept, what is not asked for left out.
nlohmann::json request_json(Request const& request);
/// Throws nlohmann::json::exception when `json` is not what request_json() gives, or gave in earlier
/// versions, which wrote everything.
Request request_in(nlohmann::json const& json);

}  // namespace callsheet
