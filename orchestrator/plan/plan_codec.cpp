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

json actual_json(std::optional<ActualRate> const& rate) {
  if (!rate) return nullptr;
  return {{"base_per_second", rate->base_per_second.units()},
          {"factor", rate->factor},
          {"minimum", rate->minimum.units()}};
}

/// Not there in what the first versions wrote.
std::optional<ActualRate> actual_in(json const& candidate) {
  auto const found = candidate.find("actual");
  if (found == candidate.end() || found->is_null()) return std::nullopt;
  return ActualRate{.base_per_second = credits_in(found->at("base_per_second")),
                    .factor = found->at("factor").get<std::int64_t>(),
                    .minimum = credits_in(found->at("minimum"))};
}

json route_json(Route const& route) {
  json candidates = json::array();
  for (Candidate const& one : route.candidates)
    candidates.push_back({{"model", one.model.str()},
                          {"quality", to_string(one.quality)},
                          {"expected", one.expected.units()},
                          {"most", one.most.units()},
                          {"actual", actual_json(one.actual)}});
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
                                .most = credits_in(one.at("most")),
                                .actual = actual_in(one)});
  for (json const& one : in.at("left_out"))
    route.left_out.push_back({ModelId{one.at("model").get<std::string>()}, one.at("why").get<std::string>()});
  return route;
}

json rate_json(std::optional<Rate> const& rate) {
  if (!rate) return nullptr;
  return {{"count", rate->count}, {"window_ms", rate->window.count()}, {"burst", rate->burst}};
}

std::optional<Rate> rate_in(json const& in) {
  if (in.is_null()) return std::nullopt;
  return Rate{.count = in.at("count").get<int>(),
              .window = std::chrono::milliseconds{in.at("window_ms").get<std::int64_t>()},
              .burst = in.value("burst", 0)};
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

json webhooks_json(std::optional<Webhooks> const& from) {
  if (!from) return nullptr;
  json webhooks{{"address", from->address}, {"port", from->port}, {"public_url", from->public_url}};
  if (from->tls) webhooks["tls"] = {{"certificate", from->tls->certificate}, {"key", from->tls->key}};
  return webhooks;
}

Webhooks webhooks_in(json const& in) {
  Webhooks webhooks{.address = in.at("address").get<std::string>(),
                    .port = in.at("port").get<std::uint16_t>(),
                    .public_url = in.at("public_url").get<std::string>(),
                    .tls = {}};
  if (auto const tls = in.find("tls"); tls != in.end())
    webhooks.tls = Webhooks::Tls{.certificate = tls->at("certificate").get<std::string>(),
                                 .key = tls->at("key").get<std::string>()};
  return webhooks;
}

json thresholds_json(std::vector<Threshold> const& thresholds) {
  json list = json::array();
  for (Threshold const& one : thresholds)
    list.push_back({{"text", one.text}, {"grace", one.grace}, {"stops_the_run", one.stops_the_run}});
  return list;
}

std::vector<Threshold> thresholds_in(json const& in) {
  std::vector<Threshold> thresholds;
  for (json const& one : in) {
    std::string ignored;
    Threshold threshold = must(parse_threshold(one.at("text").get<std::string>(), ignored));
    threshold.grace = one.at("grace").get<std::int64_t>();
    threshold.stops_the_run = one.at("stops_the_run").get<bool>();
    thresholds.push_back(std::move(threshold));
  }
  return thresholds;
}

json groups_json(std::vector<GroupCap> const& groups) {
  json list = json::array();
  for (GroupCap const& one : groups)
    list.push_back({{"axis", one.axis}, {"value", one.value}, {"cap", one.cap.units()}});
  return list;
}

std::vector<GroupCap> groups_in(json const& in) {
  std::vector<GroupCap> groups;
  for (json const& one : in)
    groups.push_back({.axis = one.at("axis").get<std::string>(),
                      .value = one.at("value").get<std::string>(),
                      .cap = credits_in(one.at("cap"))});
  return groups;
}

}  // namespace

std::string encode_route(Route const& route) {
  return dump(route_json(route));
}

std::optional<Route> decode_route(std::string_view text) try {
  return route_in(json::parse(text));
} catch (json::exception const&) {
  return std::nullopt;
}

std::string encode_terms(PlanTerms const& terms) {
  Budget const& budget = terms.budget;
  json out = {
      {"campaign", terms.campaign},
      {"budget",
       {{"cap", budget.cap.units()},
        {"per_task", credits_json(budget.per_task)},
        {"daily", credits_json(budget.daily)},
        {"groups", groups_json(budget.groups)},
        {"when_short", to_text(budget.when_short)}}},
      {"limits", limits_json(terms.limits)},
      {"thresholds", thresholds_json(terms.thresholds)},
      {"refused_content", terms.refused_content == RefusedContent::next_model ? "next_model" : "give_up"},
      {"gateway",
       {{"idempotency", to_string(terms.trust.idempotency)}, {"task_list", to_string(terms.trust.listing)}}},
      {"webhooks", webhooks_json(terms.webhooks)},
      {"patience_s", terms.patience ? json(terms.patience->count()) : json(nullptr)},
      {"fresh", terms.fresh},
      {"output_dir", terms.output_dir.generic_string()},
      {"credits_per_usd", static_cast<std::int64_t>(terms.usd_rate)},
      {"catalog", terms.catalog_name},
      {"axes", terms.axes},
      {"tasks_digest", terms.tasks_digest},
      {"fit_digest", terms.fit_digest},
      {"fit_question", terms.fit_question}};
  // Not there where it says nothing: plans that were pinned before it was thought of still hold.
  if (terms.deadline) out["deadline"] = to_string(*terms.deadline);
  if (!terms.choice.tags.empty()) out["only_tags"] = terms.choice.tags;
  if (!terms.choice.names.empty()) out["only_names"] = terms.choice.names;
  if (terms.choice.sample > 0) out["sample"] = terms.choice.sample;
  if (terms.retake) out["retake"] = true;
  return dump(out);
}

std::optional<PlanTerms> decode_terms(std::string_view text) try {
  json const in = json::parse(text);
  PlanTerms terms;
  terms.campaign = in.at("campaign").get<std::string>();
  json const& budget = in.at("budget");
  terms.budget.cap = credits_in(budget.at("cap"));
  terms.budget.per_task = optional_credits_in(budget.at("per_task"));
  terms.budget.daily = optional_credits_in(budget.at("daily"));
  if (budget.contains("groups")) terms.budget.groups = groups_in(budget.at("groups"));
  terms.budget.when_short = must(when_short_in(budget.at("when_short").get<std::string>()));
  terms.limits = limits_in(in.at("limits"));
  if (in.contains("thresholds")) terms.thresholds = thresholds_in(in.at("thresholds"));
  if (in.value("refused_content", "give_up") == "next_model")
    terms.refused_content = RefusedContent::next_model;
  if (auto const gateway = in.find("gateway"); gateway != in.end()) {
    terms.trust.idempotency =
        parse_idempotency(gateway->value("idempotency", "")).value_or(Idempotency::unknown);
    terms.trust.listing = parse_listing(gateway->value("task_list", "")).value_or(Listing::none);
  }
  if (auto const webhooks = in.find("webhooks"); webhooks != in.end() && !webhooks->is_null())
    terms.webhooks = webhooks_in(*webhooks);
  if (auto const patience = in.find("patience_s"); patience != in.end() && !patience->is_null())
    terms.patience = std::chrono::seconds{patience->get<std::int64_t>()};
  terms.fresh = in.value("fresh", false);
  terms.retake = in.value("retake", false);
  terms.output_dir = in.at("output_dir").get<std::string>();
  terms.usd_rate = must(credits_per_usd(in.at("credits_per_usd").get<std::int64_t>()));
  terms.catalog_name = in.at("catalog").get<std::string>();
  if (in.contains("axes")) terms.axes = in.at("axes").get<std::vector<std::string>>();
  if (in.contains("deadline")) terms.deadline = must(parse_deadline(in.at("deadline").get<std::string>()));
  if (in.contains("only_tags")) terms.choice.tags = in.at("only_tags").get<std::vector<std::string>>();
  if (in.contains("only_names")) terms.choice.names = in.at("only_names").get<std::vector<std::string>>();
  terms.choice.sample = in.value("sample", std::size_t{0});
  terms.tasks_digest = in.value("tasks_digest", "");
  terms.fit_digest = in.value("fit_digest", "");
  terms.fit_question = in.value("fit_question", "");
  return terms;
} catch (json::exception const&) {
  return std::nullopt;
}

}  // namespace callsheet::plan
