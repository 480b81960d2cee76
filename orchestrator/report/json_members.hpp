#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/core/time.hpp"

#include <optional>
#include <string_view>

namespace callsheet::report {

/// "key": {"credits": "36.018", "units": 360180}: text for people, an exact integer for programs.
void write_amount(JsonWriter& out, std::string_view key, Credits amount);
/// RFC 3339 in UTC, or null.
void write_time(JsonWriter& out, std::string_view key, std::optional<TimePoint> at);
void write_text_or_null(JsonWriter& out, std::string_view key, std::string_view text);

}  // namespace callsheet::report
