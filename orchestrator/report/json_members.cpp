#include "orchestrator/report/json_members.hpp"

namespace callsheet::report {

void write_amount(JsonWriter& out, std::string_view key, Credits amount) {
  out.key(key);
  out.begin_object();
  out.member("credits", to_string(amount));
  out.member("units", amount.units());
  out.end_object();
}

void write_time(JsonWriter& out, std::string_view key, std::optional<TimePoint> at) {
  out.key(key);
  if (at)
    out.value(format_rfc3339(*at));
  else
    out.null();
}

void write_text_or_null(JsonWriter& out, std::string_view key, std::string_view text) {
  out.key(key);
  if (text.empty())
    out.null();
  else
    out.value(text);
}

}  // namespace callsheet::report
