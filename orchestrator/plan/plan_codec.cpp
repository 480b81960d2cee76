#include "orchestrator/plan/plan_codec.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace callsheet::plan {

namespace {

using nlohmann::json;

/// Paths and names may hold bytes that are not UTF-8: they are replaced, never thrown about.
std::string dump(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What a text must hold to be decoded; thrown and caught here, like json's own complaints.
template <class T>
T must(std::optional<T> value) {
  if (!value) throw json::other_error::create(0, "unknown value", static_cast<json const*>(nullptr));
  return *std::move(value);
}

json credits_json(std::optional<Credits> amount) {
  return amount ? json(amount->units()) : json(nullptr);
}
Credits credits_in(json const& value) {
  return Credits::from_units(value.get<std::int64_t>());
}
std::optional<Credits> optional_credits_in(json const& value) {
  if (value.is_null()) return std::nullopt;
  return credits_in(value);
}

Quality quality_in(json const& value) {
  return must(parse_quality(value.get<std::string>()));
}

json route_json(Route const& route) {
  json candidates = json::array();
  for (Candidate const& one : route.candidates)
    candidates.push_back({{"model", one.model.str()},
                          {"quality", to_string(one.quality)},
                          {"expected", one.expected.units()},
                          {"most", one.most.units()}});
  json left_out = json::array();
  for (LeftOut const& one : route.left_out)
    left_out.push_back({{"model", one.model.str()}, {"why", one.why}});
  return {{"candidates", std::move(candidates)}, {"left_out", std::move(left_out)}};
}

Route route_in(json const& in) {
  Route route;
  for (json const& one : in.at("candidates"))
    route.candidates.push_back({.model = ModelId{one.at("model").get<std::string>()},
                                .quality = quality_in(one.at("quality")),
                                .expected = credits_in(one.at("expected")),
                                .most = credits_in(one.at("most"))});
  for (json const& one : in.at("left_out"))
    route.left_out.push_back({ModelId{one.at("model").get<std::string>()}, one.at("why").get<std::string>()});
  return route;
}

json rate_json(std::optional<Rate> const& rate) {
  if (!rate) return nullptr;
  return {{"count", rate->count}, {"window_ms", rate->window.count()}};
}

std::optional<Rate> rate_in(json const& in) {
  if (in.is_null()) return std::nullopt;
  return Rate{in.at("count").get<int>(), std::chrono::milliseconds{in.at("window_ms").get<std::int64_t>()}};
}

json limits_json(Limits const& limits) {
  json models = json::object();
  for (auto const& [id, one] : limits.models)
    models[id.str()] = {{"rate", rate_json(one.rate)},
                        {"in_flight", one.in_flight ? json(*one.in_flight) : json(nullptr)}};
  return {{"rate", rate_json(limits.rate)}, {"in_flight", limits.in_flight}, {"models", std::move(models)}};
}

Limits limits_in(json const& in) {
  Limits limits;
  limits.rate = rate_in(in.at("rate"));
  limits.in_flight = in.at("in_flight").get<int>();
  for (auto const& [id, one] : in.at("models").items()) {
    ModelLimits model;
    model.rate = rate_in(one.at("rate"));
    if (!one.at("in_flight").is_null()) model.in_flight = one.at("in_flight").get<int>();
    limits.models.emplace(ModelId{id}, model);
  }
  return limits;
}

std::string_view to_text(WhenShort when) {
  switch (when) {
    case WhenShort::stop:
      return "stop";
    case WhenShort::degrade:
      return "degrade";
    case WhenShort::skip:
      return "skip";
  }
  return "stop";
}

std::optional<WhenShort> when_short_in(std::string const& text) {
  for (WhenShort const when : {WhenShort::stop, WhenShort::degrade, WhenShort::skip})
    if (to_text(when) == text) return when;
  return std::nullopt;
}

}  // namespace

std::string encode_task(PlannedTask const& task) {
  json labels = json::array();
  for (auto const& [key, value] : task.labels) labels.push_back({key, value});
  json ladder = json::array();
  for (Quality const quality : task.ladder) ladder.push_back(to_string(quality));
  return dump(
      {{"identity", task.identity.str()},
       {"name", task.name},
       {"take", task.take},
       {"priority", task.priority},
       {"labels", std::move(labels)},
       {"request", json::parse(encode_request(task.request))},
       {"ladder", std::move(ladder)},
       {"route", route_json(task.route)},
       {"output", task.output.generic_string()},
       {"where", {{"file", task.where.file}, {"line", task.where.line}, {"column", task.where.column}}}});
}

std::optional<PlannedTask> decode_task(std::string_view text) try {
  json const in = json::parse(text);
  PlannedTask task;
  task.identity = TaskIdentity{in.at("identity").get<std::string>()};
  task.name = in.at("name").get<std::string>();
  task.take = in.at("take").get<int>();
  task.priority = in.at("priority").get<int>();
  for (json const& label : in.at("labels"))
    task.labels.emplace_back(label.at(0).get<std::string>(), label.at(1).get<std::string>());
  task.request = must(decode_request(in.at("request").dump()));
  for (json const& rung : in.at("ladder")) task.ladder.push_back(quality_in(rung));
  task.route = route_in(in.at("route"));
  task.output = in.at("output").get<std::string>();
  json const& where = in.at("where");
  task.where = {where.at("file").get<std::string>(), where.at("line").get<int>(),
                where.at("column").get<int>()};
  return task;
} catch (json::exception const&) {
  return std::nullopt;
}

std::string encode_settings(Plan const& plan) {
  Budget const& budget = plan.budget;
  return dump({{"campaign", plan.campaign},
               {"budget",
                {{"cap", budget.cap.units()},
                 {"per_task", credits_json(budget.per_task)},
                 {"daily", credits_json(budget.daily)},
                 {"when_short", to_text(budget.when_short)}}},
               {"limits", limits_json(plan.limits)},
               {"output_dir", plan.output_dir.generic_string()},
               {"credits_per_usd", static_cast<std::int64_t>(plan.usd_rate)},
               {"catalog", plan.catalog_name}});
}

std::optional<Plan> decode_settings(std::string_view text) try {
  json const in = json::parse(text);
  Plan plan;
  plan.campaign = in.at("campaign").get<std::string>();
  json const& budget = in.at("budget");
  plan.budget.cap = credits_in(budget.at("cap"));
  plan.budget.per_task = optional_credits_in(budget.at("per_task"));
  plan.budget.daily = optional_credits_in(budget.at("daily"));
  plan.budget.when_short = must(when_short_in(budget.at("when_short").get<std::string>()));
  plan.limits = limits_in(in.at("limits"));
  plan.output_dir = in.at("output_dir").get<std::string>();
  plan.usd_rate = CreditsPerUsd{in.at("credits_per_usd").get<std::int64_t>()};
  plan.catalog_name = in.at("catalog").get<std::string>();
  return plan;
} catch (json::exception const&) {
  return std::nullopt;
}

}  // namespace callsheet::plan
