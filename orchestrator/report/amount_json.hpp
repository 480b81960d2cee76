#pragma once

#include "orchestrator/core/credits.hpp"

#include <nlohmann/json.hpp>

namespace callsheet::report {

/// {"credits": "7.2036", "units": 72036}, the form of schemas/report.schema.json.
[[nodiscard]] inline nlohmann::json amount_json(Credits credits) {
  return {{"credits", to_string(credits)}, {"units", credits.units()}};
}

}  // namespace callsheet::report
