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
  json out = {{"attempts", from.attempts},
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
              {"skipped", from.skipped},
              {"waiting", from.waiting}};
  if (from.elements.elements > 0)
    out["elements"] = {{"elements", from.elements.elements},       {"failed", from.elements.failed},
                       {"in_doubt", from.elements.in_doubt},       {"made", from.elements.made},
                       {"outstanding", from.elements.outstanding}, {"reused", from.elements.reused},
                       {"skipped", from.elements.skipped},         {"waiting", from.elements.waiting}};
  return out;
}

json elements(std::vector<ClipLine> const& from) {
  json list = json::array();
  for (ClipLine const& line : from) {
    std::string text;
    JsonWriter writer{text};
    write_json(line, writer);
    list.push_back(json::parse(text));
  }
  return list;
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
  if (is_element(line)) return;  // they are in the model, too, all of them
  line_ = clips_++ == 0 ? "\n    " : ",\n    ";
  JsonWriter writer{line_};
  write_json(line, writer);
  out_(line_);
}

void JsonReport::end(ResultModel const& model) {
  RunHead const& head = model.head;
  json rest = {{"credits_per_usd", static_cast<std::int64_t>(head.usd_rate)},
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
               {"totals", totals(model.totals)}};
  // Not there where nothing is said: readers of reports from before there were any find what they know.
  if (!model.elements.empty()) rest["elements"] = elements(model.elements);
  out_((clips_ == 0 ? "]," : "\n  ],") + members(rest) + "\n}\n");
}

}  // namespace callsheet::report
