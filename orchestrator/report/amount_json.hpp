#pragma once

#include "orchestrator/core/credits.hpp"

#include <nlohmann/json_fwd.hpp>

namespace callsheet::report {

/// {"credits": "7.2036", "units": 72036}, the form of schemas/report.schema.json.
[[nodiscard]] nlohmann::json amount_json(Credits credits);

}  // namespace callsheet::report
