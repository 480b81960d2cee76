#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/catalog/load_gateways.hpp"
#include "orchestrator/catalog/yaml_reading.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace callsheet::assets {
extern std::string_view const evolink_catalog;
}

namespace callsheet::catalog {

namespace {

constexpr std::uintmax_t file_bytes_max = 4 << 20;
std::optional<ImageFormat> parse_format(std::string_view name) {
  if (name == "jpeg") return ImageFormat::jpeg;
  if (name == "png") return ImageFormat::png;
  if (name == "webp") return ImageFormat::webp;
  return std::nullopt;
}

std::optional<Settlement> parse_settlement(std::string_view name) {
  if (name == "request_only") return Settlement::request_only;
  if (name == "request_then_actual") return Settlement::request_then_actual;
  return std::nullopt;
}

std::optional<SoundSpelling> parse_sound_spelling(std::string_view name) {
  if (name == "sound") return SoundSpelling::sound;
  if (name == "generate_audio") return SoundSpelling::generate_audio;
  if (name == "none") return SoundSpelling::none;
  return std::nullopt;
}

std::optional<BillingUnit> parse_unit(std::string_view name) {
  if (name == "second") return BillingUnit::second;
  if (name == "call") return BillingUnit::call;
  return std::nullopt;
}

std::optional<CountedSeconds::Input> parse_input(std::string_view name) {
  if (name == "none") return CountedSeconds::Input::none;
  if (name == "whole") return CountedSeconds::Input::whole;
  if (name == "at_least_output") return CountedSeconds::Input::at_least_output;
  return std::nullopt;
}

std::optional<CountedSeconds::Rounding> parse_rounding(std::string_view name) {
  if (name == "nearest") return CountedSeconds::Rounding::nearest;
  if (name == "up") return CountedSeconds::Rounding::up;
  if (name == "up_to_hundredths") return CountedSeconds::Rounding::up_to_hundredths;
  return std::nullopt;
}

TextRule text_rule(YAML::Node const& node) {
  only(node, {"required", "characters_max"});
  return {.required = node["required"] && yes(node["required"]),
          .characters_max = static_cast<std::size_t>(integer(need(node, "characters_max")))};
}

PictureRule picture_limits(YAML::Node const& limits) {
  only(limits, {"formats", "bytes_max", "side_px_min", "ratio_max"});
  return {.required = false,
          .formats = words(need(limits, "formats"), parse_format),
          .bytes_max = static_cast<std::uint64_t>(integer(need(limits, "bytes_max"))),
          .side_px_min = static_cast<int>(integer(need(limits, "side_px_min"))),
          .ratio_max_milli = static_cast<int>(decimal(need(limits, "ratio_max")) / (decimal_one / 1000))};
}

PictureRule picture_rule(YAML::Node const& node) {
  only(node, {"required", "picture"});
  PictureRule rule = picture_limits(need(node, "picture"));
  rule.required = is_on(node["required"]);
  return rule;
}

ReferenceRule reference_rule(YAML::Node const& node) {
  only(node, {"min", "max", "picture"});
  return {.count_min = count_or<std::size_t>(node["min"], 0),
          .count_max = static_cast<std::size_t>(integer(need(node, "max"))),
          .picture = picture_limits(need(node, "picture"))};
}

ElementRule element_rule(YAML::Node const& node) {
  only(node, {"max", "with_start_max", "kinds", "facing_image"});
  return {.max = static_cast<std::size_t>(integer(need(node, "max"))),
          .with_start_max = count_or<std::size_t>(node["with_start_max"], 0),
          .kinds = words(need(node, "kinds"), parse_element_kind),
          .facing_image = !node["facing_image"] || yes(node["facing_image"])};
}

PictureCount picture_count(YAML::Node const& node) {
  only(node, {"min", "max", "with_end_max", "with_video_max"});
  return {.min = count_or<std::size_t>(node["min"], 0),
          .max = static_cast<std::size_t>(integer(need(node, "max"))),
          .with_end_max = count_or<std::size_t>(node["with_end_max"], 0),
          .with_video_max = count_or<std::size_t>(node["with_video_max"], 0)};
}

VideoRule video_rule(YAML::Node const& node) {
  only(node, {"required", "bytes_max", "length", "side_px", "fps"});
  VideoRule rule{.required = is_on(node["required"])};
  rule.bytes_max = count_or<std::uint64_t>(node["bytes_max"], 0);
  if (YAML::Node const length = node["length"]) {
    only(length, {"min", "max", "facing_image_max"});
    rule.length_min = seconds_or_none(length["min"]);
    rule.length_max = seconds_or_none(length["max"]);
    rule.facing_image_max = seconds_or_none(length["facing_image_max"]);
  }
  if (YAML::Node const side = node["side_px"]) {
    only(side, {"min", "max"});
    rule.side_px_min = static_cast<int>(integer(need(side, "min")));
    rule.side_px_max = static_cast<int>(integer(need(side, "max")));
  }
  if (YAML::Node const fps = node["fps"]) {
    only(fps, {"min", "max"});
    rule.fps_min = static_cast<int>(integer(need(fps, "min")));
    rule.fps_max = static_cast<int>(integer(need(fps, "max")));
  }
  return rule;
}

DurationRule duration_rule(YAML::Node const& node) {
  only(node, {"min", "max", "only", "follows_video"});
  DurationRule rule;
  if (YAML::Node const list = node["only"]) {
    if (!list.IsSequence() || list.size() == 0) bad(list, "a list is expected here");
    for (YAML::Node const& one : list) rule.only.emplace_back(integer(one));
    rule.min = *std::min_element(rule.only.begin(), rule.only.end());
    rule.max = *std::max_element(rule.only.begin(), rule.only.end());
    return rule;
  }
  rule.follows_video = is_on(node["follows_video"]);
  rule.min = std::chrono::seconds{integer(need(node, "min"))};
  rule.max =
      rule.follows_video ? seconds_or_none(node["max"]) : std::chrono::seconds{integer(need(node, "max"))};
  return rule;
}

/// A choice of two spellings; the first is what most models use.
bool other_spelling(YAML::Node const& node, std::string_view usual, std::string_view other) {
  if (!node) return false;
  if (text(node) != usual && text(node) != other)
    bad(node, fmt::format("`{}` or `{}` is expected here", usual, other));
  return text(node) == other;
}

Spelling spelling(YAML::Node const& node) {
  only(node, {"frames", "video", "keep_sound", "sound"});
  return {.frames_in_image_urls = other_spelling(node["frames"], "image_start", "image_urls"),
          .video_in_list = other_spelling(node["video"], "video_url", "video_urls"),
          .keep_sound_in_model_params =
              other_spelling(node["keep_sound"], "keep_original_sound", "model_params.keep_sound"),
          .sound = word_or(node["sound"], parse_sound_spelling, SoundSpelling::sound)};
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
  only(node, {"id",
              "modes",
              "does",
              "source",
              "duration",
              "qualities",
              "sounds",
              "prompt",
              "negative_prompt",
              "image_start",
              "image_end",
              "images",
              "pictures",
              "elements",
              "video",
              "aspect_ratios",
              "aspect_ratio_default",
              "shots",
              "watermark",
              "keep_sound",
              "orientation",
              "sends"});
  Model out;
  out.id = ModelId{text(need(node, "id"))};
  out.source = text(need(node, "source"));
  if (node["does"]) {
    only(node, {"id", "does", "source"});
    out.does = text(node["does"]);
    return out;
  }
  out.modes = words(need(node, "modes"), parse_mode);
  if (out.modes.empty()) bad(node["modes"], "a model without a mode needs `does`");
  // An element has no length.
  if (node["duration"] || std::any_of(out.modes.begin(), out.modes.end(), makes_clips))
    out.duration = duration_rule(need(node, "duration"));
  out.qualities = words(need(node, "qualities"), parse_quality);
  if (node["sounds"]) out.sounds = words(node["sounds"], parse_sound);
  out.prompt = text_rule(need(node, "prompt"));
  if (node["negative_prompt"]) out.negative_prompt = text_rule(node["negative_prompt"]);
  if (node["image_start"]) out.image_start = picture_rule(node["image_start"]);
  if (node["image_end"]) out.image_end = picture_rule(node["image_end"]);
  if (node["images"]) out.images = reference_rule(node["images"]);
  if (node["pictures"]) out.pictures = picture_count(node["pictures"]);
  if (node["elements"]) out.elements = element_rule(node["elements"]);
  if (node["video"]) out.video = video_rule(node["video"]);
  if (out.duration.follows_video && !(out.video && out.video->required))
    bad(node["duration"], "a clip that follows a video needs `video: {required: true}`");
  if (node["aspect_ratios"]) out.aspect_ratios = words(node["aspect_ratios"], parse_aspect_ratio);
  if (node["aspect_ratio_default"])
    out.aspect_ratio_default = word(node["aspect_ratio_default"], parse_aspect_ratio);
  if (node["shots"]) out.shots = shot_rule(node["shots"]);
  out.watermark = is_on(node["watermark"]);
  out.keep_sound = is_on(node["keep_sound"]);
  out.orientation = is_on(node["orientation"]);
  if (node["sends"]) out.spelling = spelling(node["sends"]);
  return out;
}

/// Bounds that keep a price within 63 bits.
std::int64_t bounded(YAML::Node const& node, std::int64_t most) {
  std::int64_t const value = decimal(node);
  if (value < 0 || value > most * decimal_one) bad(node, fmt::format("0 to {} is expected here", most));
  return value;
}

CountedSeconds counted_seconds(YAML::Node const& node) {
  only(node, {"output", "input", "input_max", "unmeasured", "rounding"});
  CountedSeconds out;
  if (node["output"]) out.output = yes(node["output"]);
  out.input = word_or(node["input"], parse_input, CountedSeconds::Input::none);
  if (node["input_max"]) out.input_most = std::chrono::seconds{integer(node["input_max"])};
  out.unmeasured = seconds_or_none(node["unmeasured"]);
  out.rounding = word_or(node["rounding"], parse_rounding, CountedSeconds::Rounding::nearest);
  return out;
}

/// `by_sound` gives one factor for every sound, or one for each.
void add_factors(Tariff& out, Quality quality, YAML::Node const& by_sound) {
  constexpr std::int64_t factor_most = 100;
  only(by_sound, {"off", "on", "any"});
  for (auto const& entry : by_sound) {
    std::int64_t const factor = bounded(entry.second, factor_most);
    std::string const sound = entry.first.Scalar();
    for (Sound const each : {Sound::off, Sound::on})
      if (sound == "any" || sound == to_string(each)) out.factors[{quality, each}] = factor;
  }
}

Tariff tariff(YAML::Node const& node) {
  constexpr std::int64_t base_most = 1000;
  only(node,
       {"models", "when", "settlement", "unit", "base", "minimum", "most", "factors", "counts", "per_image"});
  Tariff out;
  out.settlement = word(need(node, "settlement"), parse_settlement);
  out.unit = word_or(node["unit"], parse_unit, BillingUnit::second);
  out.base = Credits::from_units(bounded(need(node, "base"), base_most));
  if (node["minimum"]) out.minimum = Credits::from_units(bounded(node["minimum"], base_most));
  if (node["most"]) out.most = Credits::from_units(bounded(node["most"], base_most));
  for (auto const& by_quality : need(node, "factors"))
    add_factors(out, word(YAML::Node{by_quality.first}, parse_quality), by_quality.second);
  if (node["counts"]) out.counted = counted_seconds(node["counts"]);
  if (YAML::Node const image = node["per_image"]) {
    only(image, {"credits", "free"});
    out.per_image = Credits::from_units(bounded(need(image, "credits"), base_most));
    out.images_free = count_or<std::size_t>(image["free"], 0);
  }
  return out;
}

/// Adds the list's tariffs to `out`, in the place of those it has.
void add_tariffs(YAML::Node const& node, Catalog const& catalog, PriceList& out) {
  std::set<std::pair<std::string, bool>> seen;
  for (YAML::Node const& entry : node) {
    Tariff const one = tariff(entry);
    if (entry["when"] && text(entry["when"]) != "video") bad(entry["when"], "`video` is expected here");
    bool const with_video = static_cast<bool>(entry["when"]);
    auto& tariffs = with_video ? out.with_video : out.tariffs;
    for (YAML::Node const& id : need(entry, "models")) {
      if (catalog.find(ModelId{text(id)}) == nullptr)
        bad(id, fmt::format("there is no model `{}`", text(id)));
      if (!seen.emplace(text(id), with_video).second)
        bad(id, fmt::format("`{}` has a second tariff in this list", text(id)));
      tariffs.insert_or_assign(ModelId{text(id)}, one);
    }
  }
}

void add_price_list(YAML::Node const& node, Catalog& catalog) {
  only(node, {"name", "source", "credits_per_usd", "tariffs"});
  std::string const name = text(need(node, "name"));
  auto known = std::find_if(catalog.price_lists.begin(), catalog.price_lists.end(),
                            [&](PriceList const& one) { return one.name == name; });
  bool const fresh = known == catalog.price_lists.end();
  if (fresh) {
    known = catalog.price_lists.emplace(known);
    known->name = name;
  }
  if (fresh || node["source"]) known->source = text(need(node, "source"));
  if (fresh || node["credits_per_usd"]) {
    auto const rate = credits_per_usd(integer(need(node, "credits_per_usd")));
    if (!rate) bad(node, "`credits_per_usd` has to be above 0, and a million at most");
    known->credits_per_usd = *rate;
  }
  add_tariffs(need(node, "tariffs"), catalog, *known);
}

void add_model(YAML::Node const& node, Catalog& catalog, std::set<std::string>& seen) {
  Model one = model(node);
  if (!seen.insert(one.id.str()).second) bad(node, fmt::format("`{}` is listed twice", one.id.str()));
  auto const known = std::find_if(catalog.models.begin(), catalog.models.end(),
                                  [&](Model const& other) { return other.id == one.id; });
  if (known == catalog.models.end())
    catalog.models.push_back(std::move(one));
  else
    *known = std::move(one);
}

enum class Writer { program, user };

/// The program's own gateways are there in every catalog; a file of the user's adds to them.
void read_gateways(YAML::Node const& root, Writer writer, Catalog& catalog) {
  if (writer == Writer::user && catalog.gateways.empty())
    add_own_gateways(YAML::Load(std::string{standard_text()})["gateways"], catalog.gateways);
  if (YAML::Node const gateways = root["gateways"]) {
    if (writer == Writer::program)
      add_own_gateways(gateways, catalog.gateways);
    else
      add_gateways(gateways, catalog.gateways);
  }
}

/// What the file adds to, and changes of, the catalog that it extends; of none, all there is.
Catalog catalog_from(YAML::Node const& root, std::string const& wanted, Writer writer) {
  only(root, {"version", "extends", "default_models", "uploads", "gateways", "models", "default_price_list",
              "price_lists"});
  if (integer(need(root, "version")) != 1)
    bad(root["version"], "this callsheet reads version 1 of the catalog");
  Catalog out;
  bool const extends = static_cast<bool>(root["extends"]);
  if (extends) {
    if (text(root["extends"]) != "standard") bad(root["extends"], "only `standard` can be extended");
    out = catalog_from(YAML::Load(std::string{standard_text()}), {}, Writer::program);
  }
  read_gateways(root, writer, out);
  std::set<std::string> seen;
  if (!extends || root["models"])
    for (YAML::Node const& node : need(root, "models")) add_model(node, out, seen);
  if (YAML::Node const uploads = root["uploads"]) {
    only(uploads, {"bytes_max"});
    out.upload_bytes_max = static_cast<std::uint64_t>(integer(need(uploads, "bytes_max")));
  }
  if (root["default_models"]) {
    out.default_models.clear();
    for (YAML::Node const& glob : root["default_models"]) out.default_models.push_back(text(glob));
  }
  if (!extends || root["price_lists"])
    for (YAML::Node const& node : need(root, "price_lists")) add_price_list(node, out);
  std::string name = wanted;
  if (name.empty() && (!extends || root["default_price_list"])) name = text(need(root, "default_price_list"));
  if (name.empty()) return out;  // as in the catalog that is extended
  for (out.current = 0; out.current < out.price_lists.size(); ++out.current)
    if (out.prices().name == name) return out;
  bad(root["price_lists"] ? root["price_lists"] : root, fmt::format("there is no price list `{}`", name));
}

}  // namespace

std::string_view standard_text() {
  return assets::evolink_catalog;
}

namespace {

Result<Catalog> parse_as(Writer writer, std::string const& file, std::string_view content,
                         std::string const& wanted) {
  auto const refuse = [&](YAML::Mark const& mark, std::string what) {
    // yaml-cpp counts from 0.
    return fail(
        Error{.code = Code::invalid_input,
              .what = std::move(what),
              .where = {file, mark.is_null() ? 0 : mark.line + 1, mark.is_null() ? 0 : mark.column + 1}});
  };
  try {
    return catalog_from(YAML::Load(std::string{content}), wanted, writer);
  } catch (Bad& mistake) {
    return refuse(mistake.mark, std::move(mistake.what));
  } catch (YAML::Exception const& mistake) {
    return refuse(mistake.mark, mistake.msg);
  }
}

}  // namespace

Result<Catalog> parse(std::string const& file, std::string_view content, std::string const& wanted) {
  return parse_as(Writer::user, file, content, wanted);
}

Result<Catalog> load(Choice const& choice) {
  if (choice.file.empty())
    return parse_as(Writer::program, "manifests/catalog/evolink.yaml", standard_text(), choice.price_list);
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
