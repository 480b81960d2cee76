#include "orchestrator/report/json_report.hpp"

#include "orchestrator/report/amount_json.hpp"
#include "orchestrator/report/public_location.hpp"

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

json picture(std::optional<ImageInput> const& image) {
  if (!image) return nullptr;
  return {{"kind", image->kind == ImageInput::Kind::file ? "file" : "url"},
          {"location", public_location(*image)},
          {"sha256", text_or_null(image->digest.str())}};
}

json request(Request const& from) {
  json shots = json::array();
  for (Shot const& shot : from.shots)
    shots.push_back({{"duration_s", shot.duration.count()}, {"prompt", shot.prompt}});
  return {{"aspect_ratio", from.aspect_ratio ? json(to_string(*from.aspect_ratio)) : json(nullptr)},
          {"duration_s", from.duration.count()},
          {"image_end", picture(from.image_end)},
          {"image_start", picture(from.image_start)},
          {"mode", to_string(from.mode)},
          {"negative_prompt", from.negative_prompt},
          {"prompt", from.prompt},
          {"quality", to_string(from.quality)},
          {"shot_planning", to_string(from.shot_planning)},
          {"shots", std::move(shots)},
          {"sound", to_string(from.sound)},
          {"watermark", from.watermark ? json(*from.watermark) : json(nullptr)}};
}

json failure(std::optional<Failure> const& from) {
  if (!from) return nullptr;
  return {{"code", from->code},
          {"kind", to_string(from->kind)},
          {"message", from->message},
          {"request_id", from->request_id}};
}

json attempt(AttemptLine const& from) {
  return {{"billed", amount_json(from.billed)},
          {"billed_by", from.billed_by ? json(to_string(*from.billed_by)) : json(nullptr)},
          {"ended", time(from.ended)},
          {"failure", failure(from.failure)},
          {"held", amount_json(from.held)},
          {"id", to_string(from.key)},
          {"model", from.model.str()},
          {"refund_expected", amount_json(from.refund_expected)},
          {"state", to_string(from.state)},
          {"submitted", time(from.submitted)},
          {"task_id", text_or_null(from.task_id.str())},
          {"then", from.then},
          {"waited", from.waited},
          {"why", from.why}};
}

json file(std::optional<ClipFile> const& from) {
  if (!from) return nullptr;
  return {{"has_sound", from->has_sound},      {"height", from->height},
          {"length_ms", from->length.count()}, {"path", from->path},
          {"size_bytes", from->size_bytes},    {"width", from->width}};
}

json clip(ClipLine const& from) {
  json labels = json::array();  // an array: the matrix's order carries meaning
  for (auto const& [name, value] : from.labels) labels.push_back({{"name", name}, {"value", value}});
  json attempts = json::array();
  for (AttemptLine const& line : from.attempts) attempts.push_back(attempt(line));
  Spend const spend = spend_of(from);
  return {{"attempts", std::move(attempts)},
          {"billed", amount_json(spend.billed)},
          {"file", file(from.file)},
          {"held", amount_json(spend.held)},
          {"identity", from.identity.str()},
          {"labels", std::move(labels)},
          {"made_by", text_or_null(from.made_by.str())},
          {"mend", from.mend},
          {"model", text_or_null(from.model.str())},
          {"price", amount_json(from.price)},
          {"quality", to_string(from.quality)},
          {"refund_expected", amount_json(spend.refund_expected)},
          {"request", request(from.request)},
          {"status", to_string(from.status)},
          {"take", from.take},
          {"task", from.task},
          {"took_ms", from.took ? json(from.took->count()) : json(nullptr)},
          {"why", from.why}};
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

std::string text_of(json const& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

/// The members of an object as they stand in a larger one, without the braces.
std::string members(json const& object) {
  std::string const text = text_of(object, 2);
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
  out_((clips_++ == 0 ? "\n    " : ",\n    ") + text_of(clip(line), -1));
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
