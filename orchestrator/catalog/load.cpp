#include "orchestrator/catalog/catalog.hpp"

#include <charconv>
#include <fstream>
#include <initializer_list>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace callsheet::assets {
extern std::string_view const evolink_catalog;
}

namespace callsheet::catalog {

namespace {

constexpr std::uintmax_t file_bytes_max = 4 << 20;
constexpr std::int64_t decimal_one = 10'000;

/// Thrown and caught in this file: reading a catalog stops at its first mistake.
struct Bad {
  YAML::Mark mark;
  std::string what;
};

[[noreturn]] void bad(YAML::Node const& node, std::string what) {
  throw Bad{node.Mark(), std::move(what)};
}

YAML::Node need(YAML::Node const& map, char const* key) {
  YAML::Node const found = map[key];
  if (!found) bad(map, fmt::format("`{}` is missing", key));
  return found;
}

/// A key nobody reads is a rule nobody keeps.
void only(YAML::Node const& map, std::initializer_list<std::string_view> keys) {
  if (!map.IsMap()) bad(map, "a group of keys is expected here");
  for (auto const& entry : map) {
    auto const& key = entry.first.Scalar();
    if (!key.starts_with("x-") && std::find(keys.begin(), keys.end(), key) == keys.end())
      bad(entry.first, fmt::format("`{}` is not known here", key));
  }
}

std::string text(YAML::Node const& node) {
  if (!node.IsScalar()) bad(node, "a text is expected here");
  return node.Scalar();
}

/// A decimal in 1/10,000, exactly: prices never touch floating point.
std::int64_t decimal(YAML::Node const& node) {
  auto const parsed = Credits::parse(text(node));
  if (!parsed) bad(node, fmt::format("`{}` is not a number of at most four decimals", text(node)));
  return parsed->units();
}

std::int64_t integer(YAML::Node const& node) {
  std::int64_t const units = decimal(node);
  if (units % decimal_one != 0) bad(node, "a whole number is expected here");
  return units / decimal_one;
}

bool yes(YAML::Node const& node) {
  std::string const value = text(node);
  if (value != "true" && value != "false") bad(node, "true or false is expected here");
  return value == "true";
}

template <class T>
T word(YAML::Node const& node, std::optional<T> (*parse)(std::string_view)) {
  auto const parsed = parse(text(node));
  if (!parsed) bad(node, fmt::format("`{}` is not known here", text(node)));
  return *parsed;
}

template <class T>
std::vector<T> words(YAML::Node const& list, std::optional<T> (*parse)(std::string_view)) {
  if (!list.IsSequence()) bad(list, "a list is expected here");
  std::vector<T> out;
  for (YAML::Node const& item : list) out.push_back(word(item, parse));
  return out;
}

std::optional<ImageFormat> parse_format(std::string_view name) {
  if (name == "jpeg") return ImageFormat::jpeg;
  if (name == "png") return ImageFormat::png;
  return std::nullopt;
}

std::optional<Settlement> parse_settlement(std::string_view name) {
  if (name == "request_only") return Settlement::request_only;
  return std::nullopt;  // request_then_actual needs a rule for the most it can cost: none of these models has
                        // it
}

TextRule text_rule(YAML::Node const& node) {
  only(node, {"required", "characters_max"});
  return {.required = node["required"] && yes(node["required"]),
          .characters_max = static_cast<std::size_t>(integer(need(node, "characters_max")))};
}

PictureRule picture_rule(YAML::Node const& node) {
  only(node, {"required", "picture"});
  YAML::Node const limits = need(node, "picture");
  only(limits, {"formats", "bytes_max", "side_px_min", "ratio_max"});
  return {.required = node["required"] && yes(node["required"]),
          .formats = words(need(limits, "formats"), parse_format),
          .bytes_max = static_cast<std::uint64_t>(integer(need(limits, "bytes_max"))),
          .side_px_min = static_cast<int>(integer(need(limits, "side_px_min"))),
          .ratio_max_milli = static_cast<int>(decimal(need(limits, "ratio_max")) / (decimal_one / 1000))};
}

ShotRule shot_rule(YAML::Node const& node) {
  only(node, {"kinds", "count_max", "characters_max", "duration_min", "with_image_end"});
  return {.kinds = words(need(node, "kinds"), parse_shot_planning),
          .count_max = static_cast<std::size_t>(integer(need(node, "count_max"))),
          .characters_max = static_cast<std::size_t>(integer(need(node, "characters_max"))),
          .duration_min = std::chrono::seconds{integer(need(node, "duration_min"))},
          .with_image_end = yes(need(node, "with_image_end"))};
}

Model model(YAML::Node const& node) {
  only(node, {"id", "mode", "source", "duration", "qualities", "sounds", "prompt", "negative_prompt",
              "image_start", "image_end", "aspect_ratios", "aspect_ratio_default", "shots", "watermark"});
  Model out;
  out.id = ModelId{text(need(node, "id"))};
  out.mode = word(need(node, "mode"), parse_mode);
  out.source = text(need(node, "source"));
  YAML::Node const duration = need(node, "duration");
  only(duration, {"min", "max"});
  out.duration_min = std::chrono::seconds{integer(need(duration, "min"))};
  out.duration_max = std::chrono::seconds{integer(need(duration, "max"))};
  out.qualities = words(need(node, "qualities"), parse_quality);
  if (node["sounds"]) out.sounds = words(node["sounds"], parse_sound);
  out.prompt = text_rule(need(node, "prompt"));
  if (node["negative_prompt"]) out.negative_prompt = text_rule(node["negative_prompt"]);
  if (node["image_start"]) out.image_start = picture_rule(node["image_start"]);
  if (node["image_end"]) out.image_end = picture_rule(node["image_end"]);
  if (node["aspect_ratios"]) out.aspect_ratios = words(node["aspect_ratios"], parse_aspect_ratio);
  if (node["aspect_ratio_default"])
    out.aspect_ratio_default = word(node["aspect_ratio_default"], parse_aspect_ratio);
  if (node["shots"]) out.shots = shot_rule(node["shots"]);
  out.watermark = node["watermark"] && yes(node["watermark"]);
  return out;
}

Tariff tariff(YAML::Node const& node) {
  only(node, {"models", "settlement", "base_per_second", "minimum", "factors"});
  Tariff out;
  out.settlement = word(need(node, "settlement"), parse_settlement);
  out.base_per_second = Credits::from_units(decimal(need(node, "base_per_second")));
  out.minimum = Credits::from_units(decimal(need(node, "minimum")));
  for (auto const& by_quality : need(node, "factors")) {
    Quality const quality = word(YAML::Node{by_quality.first}, parse_quality);
    only(by_quality.second, {"off", "on", "any"});
    for (auto const& by_sound : by_quality.second) {
      std::int64_t const factor = decimal(by_sound.second);
      std::string const sound = by_sound.first.Scalar();
      for (Sound const each : {Sound::off, Sound::on})
        if (sound == "any" || sound == to_string(each)) out.factors[{quality, each}] = factor;
    }
  }
  return out;
}

PriceList price_list(YAML::Node const& node, Catalog const& catalog) {
  only(node, {"name", "source", "credits_per_usd", "tariffs"});
  PriceList out;
  out.name = text(need(node, "name"));
  out.source = text(need(node, "source"));
  out.credits_per_usd = CreditsPerUsd{integer(need(node, "credits_per_usd"))};
  for (YAML::Node const& entry : need(node, "tariffs")) {
    Tariff const one = tariff(entry);
    for (YAML::Node const& id : need(entry, "models")) {
      if (catalog.find(ModelId{text(id)}) == nullptr)
        bad(id, fmt::format("there is no model `{}`", text(id)));
      if (!out.tariffs.emplace(ModelId{text(id)}, one).second)
        bad(id, fmt::format("`{}` has a second tariff in this list", text(id)));
    }
  }
  return out;
}

Catalog catalog_from(YAML::Node const& root, std::string const& wanted) {
  only(root, {"version", "models", "default_price_list", "price_lists"});
  if (integer(need(root, "version")) != 1)
    bad(root["version"], "this callsheet reads version 1 of the catalog");
  Catalog out;
  for (YAML::Node const& node : need(root, "models")) {
    Model one = model(node);
    if (out.find(one.id) != nullptr) bad(node, fmt::format("`{}` is listed twice", one.id.str()));
    out.models.push_back(std::move(one));
  }
  for (YAML::Node const& node : need(root, "price_lists")) out.price_lists.push_back(price_list(node, out));
  std::string const name = wanted.empty() ? text(need(root, "default_price_list")) : wanted;
  for (; out.current < out.price_lists.size(); ++out.current)
    if (out.prices().name == name) return out;
  bad(root["price_lists"], fmt::format("there is no price list `{}`", name));
}

}  // namespace

std::string_view standard_text() {
  return assets::evolink_catalog;
}

Result<Catalog> parse(std::string const& file, std::string_view content, std::string const& wanted) {
  auto const refuse = [&](YAML::Mark const& mark, std::string what) {
    // yaml-cpp counts from 0.
    return fail(
        Error{.code = Code::invalid_input,
              .what = std::move(what),
              .where = {file, mark.is_null() ? 0 : mark.line + 1, mark.is_null() ? 0 : mark.column + 1}});
  };
  try {
    return catalog_from(YAML::Load(std::string{content}), wanted);
  } catch (Bad& mistake) {
    return refuse(mistake.mark, std::move(mistake.what));
  } catch (YAML::Exception const& mistake) {
    return refuse(mistake.mark, mistake.msg);
  }
}

Result<Catalog> load(Choice const& choice) {
  if (choice.file.empty()) return parse("manifests/catalog/evolink.yaml", standard_text(), choice.price_list);
  std::ifstream in{choice.file, std::ios::binary};
  std::error_code failure;
  std::uintmax_t const size = std::filesystem::file_size(choice.file, failure);
  if (!in || failure)
    return fail(Code::not_found, fmt::format("cannot read the catalog {}", choice.file.string()));
  if (size > file_bytes_max)
    return fail(Code::too_large, fmt::format("the catalog {} is larger than {} MiB", choice.file.string(),
                                             file_bytes_max >> 20));
  std::ostringstream content;
  content << in.rdbuf();
  return parse(choice.file.string(), content.view(), choice.price_list);
}

}  // namespace callsheet::catalog
