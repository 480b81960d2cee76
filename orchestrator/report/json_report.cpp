#include "orchestrator/report/json_report.hpp"

#include "orchestrator/report/amount_json.hpp"
#include "orchestrator/report/clip_json.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace callsheet::report {

namespace {

using nlohmann::json;

json time(std::optional<TimePoint> at) {
  return at ? json(format_rfc3339(*at)) : json(nullptr);
}
json text_or_null(std::string_view text) {
  return text.empty() ? json(nullptr) : json(text);
}

json totals(Totals const& from) {
  return {{"attempts", from.attempts},
          {"billed", amount_json(from.billed)},
          {"clips", from.clips},
          {"committed", amount_json(from.committed())},
          {"failed", from.failed},
          {"held", amount_json(from.held)},
          {"in_doubt", from.in_doubt},
          {"made", from.made},
          {"mismatched", from.mismatched},
          {"outstanding", from.outstanding},
          {"refund_expected", amount_json(from.refund_expected)},
          {"reused", from.reused},
          {"skipped", from.skipped}};
}

json models(std::vector<ModelTotals> const& from) {
  json list = json::array();
  for (ModelTotals const& line : from)
    list.push_back({{"attempts", line.attempts},
                    {"billed", amount_json(line.spend.billed)},
                    {"clips", line.clips},
                    {"held", amount_json(line.spend.held)},
                    {"model", line.model.str()},
                    {"refund_expected", amount_json(line.spend.refund_expected)}});
  return list;
}

json thresholds(std::vector<ThresholdLine> const& from) {
  json list = json::array();
  for (ThresholdLine const& line : from)
    list.push_back({{"check", line.text}, {"kept", line.kept}, {"value", text_or_null(line.value)}});
  return list;
}

/// The members of an object as they stand in a larger one, without the braces.
std::string members(json const& object) {
  std::string const text = object.dump(2, ' ', false, json::error_handler_t::replace);
  return text.substr(1, text.size() - 3);
}

}  // namespace

JsonReport::JsonReport(RunHead const& head, TextSink out) : out_{std::move(out)} {
  out_(
      "{" +
      members({{"campaign", head.campaign}, {"cap", amount_json(head.cap)}, {"catalog", head.catalog_name}}) +
      ",\n  \"clips\": [");
}

void JsonReport::add(ClipLine const& line) {
  line_ = clips_++ == 0 ? "\n    " : ",\n    ";
  JsonWriter writer{line_};
  write_json(line, writer);
  out_(line_);
}

void JsonReport::end(ResultModel const& model) {
  RunHead const& head = model.head;
  out_((clips_ == 0 ? "]," : "\n  ],") +
       members({{"credits_per_usd", static_cast<std::int64_t>(head.usd_rate)},
                {"ended", time(head.ended)},
                {"gateway", head.gateway},
                {"models", models(model.models)},
                {"notes", head.notes},
                {"program_version", head.program_version},
                {"real_money", !is_rehearsal(head)},
                {"run", head.run.str()},
                {"schema", 1},
                {"started", time(head.started)},
                {"status", to_string(head.status)},
                {"thresholds", thresholds(model.thresholds)},
                {"totals", totals(model.totals)}}) +
       "\n}\n");
}

}  // namespace callsheet::report
