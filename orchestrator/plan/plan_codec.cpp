#include "orchestrator/plan/plan_codec.hpp"

#include <nlohmann/json.hpp>

namespace callsheet::plan {

namespace {

using nlohmann::json;

std::string dump(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json maybe(std::optional<Credits> const& amount) {
  return amount ? json(amount->units()) : json(nullptr);
}
std::optional<Credits> maybe_credits(json const& value) {
  return value.is_null() ? std::nullopt : std::optional{Credits::from_units(value.get<std::int64_t>())};
}

json encode(std::optional<Rate> const& rate) {
  return rate ? json{{"count", rate->count}, {"window_ms", rate->window.count()}} : json(nullptr);
}
std::optional<Rate> decode_rate(json const& value) {
  if (value.is_null()) return std::nullopt;
  return Rate{value.at("count").get<int>(),
              std::chrono::milliseconds{value.at("window_ms").get<std::int64_t>()}};
}

constexpr std::pair<WhenShort, char const*> when_short_names[] = {
    {WhenShort::stop, "stop"}, {WhenShort::degrade, "degrade"}, {WhenShort::skip, "skip"}};

json encode(Limits const& limits) {
  json models = json::object();
  for (auto const& [model, own] : limits.models)
    models[model.str()] = {{"rate", encode(own.rate)},
                           {"in_flight", own.in_flight ? json(*own.in_flight) : json(nullptr)}};
  return {{"rate", encode(limits.rate)}, {"in_flight", limits.in_flight}, {"models", std::move(models)}};
}

Limits decode_limits(json const& value) {
  Limits limits{
      .rate = decode_rate(value.at("rate")), .in_flight = value.at("in_flight").get<int>(), .models = {}};
  for (auto const& [id, own] : value.at("models").items()) {
    ModelLimits& model = limits.models[ModelId{id}];
    model.rate = decode_rate(own.at("rate"));
    if (!own.at("in_flight").is_null()) model.in_flight = own.at("in_flight").get<int>();
  }
  return limits;
}

json encode(Budget const& budget) {
  json when = nullptr;
  for (auto const& [value, name] : when_short_names)
    if (value == budget.when_short) when = name;
  return {{"cap", budget.cap.units()},
          {"per_task", maybe(budget.per_task)},
          {"daily", maybe(budget.daily)},
          {"when_short", std::move(when)}};
}

Budget decode_budget(json const& value) {
  Budget budget{.cap = Credits::from_units(value.at("cap").get<std::int64_t>()),
                .per_task = maybe_credits(value.at("per_task")),
                .daily = maybe_credits(value.at("daily"))};
  for (auto const& [when, name] : when_short_names)
    if (value.at("when_short") == name) budget.when_short = when;
  return budget;
}

json encode(Route const& route) {
  json candidates = json::array();
  for (Candidate const& candidate : route.candidates)
    candidates.push_back({{"model", candidate.model.str()},
                          {"quality", to_string(candidate.quality)},
                          {"expected", candidate.expected.units()},
                          {"most", candidate.most.units()}});
  json left_out = json::array();
  for (LeftOut const& model : route.left_out)
    left_out.push_back({{"model", model.model.str()}, {"why", model.why}});
  return {{"candidates", std::move(candidates)}, {"left_out", std::move(left_out)}};
}

Route decode_route(json const& value) {
  Route route;
  for (json const& candidate : value.at("candidates"))
    route.candidates.push_back(
        {.model = ModelId{candidate.at("model").get<std::string>()},
         .quality = parse_quality(candidate.at("quality").get<std::string>()).value_or(Quality::p720),
         .expected = Credits::from_units(candidate.at("expected").get<std::int64_t>()),
         .most = Credits::from_units(candidate.at("most").get<std::int64_t>())});
  for (json const& model : value.at("left_out"))
    route.left_out.push_back(
        {ModelId{model.at("model").get<std::string>()}, model.at("why").get<std::string>()});
  return route;
}

}  // namespace

std::string encode_settings(Plan const& plan) {
  return dump({{"campaign", plan.campaign},
               {"budget", encode(plan.budget)},
               {"limits", encode(plan.limits)},
               {"output_dir", plan.output_dir.string()},
               {"credits_per_usd", static_cast<std::int64_t>(plan.usd_rate)},
               {"catalog", plan.catalog_name}});
}

std::optional<Plan> decode_settings(std::string_view text) try {
  json const value = json::parse(text);
  return Plan{.campaign = value.at("campaign").get<std::string>(),
              .budget = decode_budget(value.at("budget")),
              .limits = decode_limits(value.at("limits")),
              .output_dir = value.at("output_dir").get<std::string>(),
              .usd_rate = CreditsPerUsd{value.at("credits_per_usd").get<std::int64_t>()},
              .catalog_name = value.at("catalog").get<std::string>(),
              .tasks = {}};
} catch (json::exception const&) {
  return std::nullopt;
}

std::string encode_task(PlannedTask const& task) {
  json labels = json::array();
  for (auto const& [name, value] : task.labels) labels.push_back({name, value});
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
       {"route", encode(task.route)},
       {"output", task.output.string()},
       {"where", {{"file", task.where.file}, {"line", task.where.line}, {"column", task.where.column}}}});
}

std::optional<PlannedTask> decode_task(std::string_view text) try {
  json const value = json::parse(text);
  auto request = decode_request(value.at("request").dump());
  if (!request) return std::nullopt;
  PlannedTask task{.identity = TaskIdentity{value.at("identity").get<std::string>()},
                   .name = value.at("name").get<std::string>(),
                   .take = value.at("take").get<int>(),
                   .priority = value.at("priority").get<int>(),
                   .labels = {},
                   .request = *std::move(request),
                   .ladder = {},
                   .route = decode_route(value.at("route")),
                   .output = value.at("output").get<std::string>(),
                   .where = {}};
  for (json const& label : value.at("labels"))
    task.labels.emplace_back(label.at(0).get<std::string>(), label.at(1).get<std::string>());
  for (json const& quality : value.at("ladder"))
    task.ladder.push_back(parse_quality(quality.get<std::string>()).value_or(Quality::p720));
  json const& where = value.at("where");
  task.where = {where.at("file").get<std::string>(), where.at("line").get<int>(),
                where.at("column").get<int>()};
  if (task.route.candidates.empty()) return std::nullopt;
  return task;
} catch (json::exception const&) {
  return std::nullopt;
}

}  // namespace callsheet::plan
