#include "orchestrator/catalog/load.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace callsheet::assets {
extern std::string_view const default_catalog;
}

namespace callsheet::catalog {

namespace {

/// What is wrong with the catalog, and where; becomes an Error at the door of this file.
struct Fault : std::runtime_error {
  Fault(YAML::Node const& node, std::string const& what) : std::runtime_error{what}, mark{node.Mark()} {}
  YAML::Mark mark;
};

YAML::Node need(YAML::Node const& map, char const* key) {
  YAML::Node const value = map[key];
  if (!value) throw Fault{map, fmt::format("'{}' is missing", key)};
  return value;
}

std::string text(YAML::Node const& node) {
  if (!node.IsScalar()) throw Fault{node, "a text was expected"};
  return node.Scalar();
}

std::int64_t number(YAML::Node const& node) {
  std::int64_t value = 0;
  if (!node.IsScalar() || !YAML::convert<std::int64_t>::decode(node, value) || value < 0)
    throw Fault{node, "a whole number was expected"};
  return value;
}

/// Exact decimals with up to four places, in units of 1/10,000.
std::int64_t decimal(YAML::Node const& node) {
  auto const value = Credits::parse(text(node));
  if (!value) throw Fault{node, "a number with at most four decimals was expected"};
  return value->units();
}

template <class Value, class Parse>
Value named(YAML::Node const& node, Parse parse) {
  auto const value = parse(text(node));
  if (!value) throw Fault{node, fmt::format("'{}' is not known", text(node))};
  return *value;
}

TextLimits text_limits(YAML::Node const& node) {
  return {.required = node["required"] && node["required"].as<bool>(false),
          .characters_most = static_cast<std::size_t>(number(need(node, "max")))};
}

PictureLimits picture_limits(YAML::Node const& node) {
  return {.bytes_most = static_cast<std::uint64_t>(number(need(node, "max_bytes"))),
          .pixels_least = static_cast<int>(number(need(node, "min_pixels"))),
          .ratio_most = decimal(need(node, "max_ratio")) / 10};
}

ShotLimits shot_limits(YAML::Node const& node) {
  ShotLimits limits{.kinds = {},
                    .shots_most = static_cast<std::size_t>(number(need(node, "max"))),
                    .prompt_characters_most = static_cast<std::size_t>(number(need(node, "prompt_max")))};
  for (YAML::Node const& kind : need(node, "kinds"))
    limits.kinds.push_back(named<ShotPlanning>(kind, parse_shot_planning));
  return limits;
}

Model model_of(YAML::Node const& node) {
  Model model;
  model.id = ModelId{text(need(node, "id"))};
  model.mode = named<Mode>(need(node, "mode"), parse_mode);
  model.source = text(need(node, "source"));
  model.settlement = text(need(node, "settlement"));
  if (model.settlement != "request_only")
    throw Fault{node["settlement"], fmt::format("settlement '{}' is not supported", model.settlement)};
  YAML::Node const duration = need(node, "duration");
  model.duration_least = std::chrono::seconds{number(need(duration, "min"))};
  model.duration_most = std::chrono::seconds{number(need(duration, "max"))};
  for (YAML::Node const& quality : need(node, "qualities"))
    model.qualities.push_back(named<Quality>(quality, parse_quality));
  model.has_sound = node["sound"] && node["sound"].as<bool>(false);
  for (YAML::Node const& ratio : node["aspect_ratios"])
    model.aspect_ratios.push_back(named<AspectRatio>(ratio, parse_aspect_ratio));
  model.prompt = text_limits(need(node, "prompt"));
  if (node["negative_prompt"]) model.negative_prompt = text_limits(node["negative_prompt"]);
  if (node["image_start"]) model.image_start = picture_limits(node["image_start"]);
  if (node["image_end"]) model.image_end = picture_limits(node["image_end"]);
  if (node["shots"]) model.shots = shot_limits(node["shots"]);
  model.has_watermark = node["watermark"] && node["watermark"].as<bool>(false);
  return model;
}

Rates rates_of(YAML::Node const& node) {
  std::int64_t const base = decimal(need(node, "base"));
  Rates rates;
  for (auto const& entry : node) {
    if (text(entry.first) == "base") continue;
    Quality const quality = named<Quality>(entry.first, parse_quality);
    for (auto const& factor : entry.second) {
      Sound const sound = named<Sound>(factor.first, parse_sound);
      std::int64_t const exact = base * decimal(factor.second);
      rates[{quality, sound}] = Credits::from_units((exact + 5'000) / 10'000);
    }
  }
  return rates;
}

PriceList prices_of(YAML::Node const& node) {
  PriceList list;
  list.name = text(need(node, "name"));
  list.date = text(need(node, "date"));
  list.source = text(need(node, "source"));
  std::int64_t const per_usd = number(need(node, "credits_per_usd"));
  if (per_usd == 0) throw Fault{node["credits_per_usd"], "credits_per_usd must not be 0"};
  list.credits_per_usd = CreditsPerUsd{per_usd};
  for (auto const& entry : need(node, "rates"))
    list.rates[ModelId{text(entry.first)}] = rates_of(entry.second);
  return list;
}

Catalog catalog_of(YAML::Node const& root, std::string const& prices) {
  if (!root.IsMap()) throw Fault{root, "a catalog is a map with name, prices and models"};
  Catalog catalog;
  catalog.name = text(need(root, "name"));
  bool chosen = false;
  for (YAML::Node const& node : need(root, "prices")) {
    PriceList list = prices_of(node);
    catalog.price_lists.push_back(list.name);
    if (chosen || (!prices.empty() && prices != list.name)) continue;
    catalog.prices = std::move(list);
    chosen = true;
  }
  if (!chosen)
    throw Fault{root["prices"], fmt::format("there is no price list '{}'; there are: {}", prices,
                                            fmt::join(catalog.price_lists, ", "))};
  for (YAML::Node const& node : need(root, "models")) {
    Model model = model_of(node);
    if (catalog.find(model.id) != nullptr)
      throw Fault{node, fmt::format("model '{}' is there twice", model.id.str())};
    catalog.models.push_back(std::move(model));
  }
  return catalog;
}

}  // namespace

Result<Catalog> load_catalog(std::filesystem::path const& file, std::string const& prices) {
  std::string content{assets::default_catalog};
  std::string const name = file.empty() ? "the built-in catalog" : file.string();
  if (!file.empty()) {
    std::ifstream in{file, std::ios::binary};
    if (!in)
      return fail(Code::not_found, fmt::format("cannot read the catalog '{}'", name), "check --catalog");
    content.assign(std::istreambuf_iterator<char>{in}, {});
  }
  auto const error_at = [&](YAML::Mark const& mark, std::string what) {
    return fail(Error{.code = Code::invalid_manifest,
                      .what = std::move(what),
                      .mend = "see manifests/catalog/evolink.yaml for the form",
                      .where = {name, mark.line + 1, mark.column + 1}});
  };
  try {
    return catalog_of(YAML::Load(content), prices);
  } catch (Fault const& fault) {
    return error_at(fault.mark, fault.what());
  } catch (YAML::Exception const& e) {
    return error_at(e.mark, e.msg);
  }
}

}  // namespace callsheet::catalog
