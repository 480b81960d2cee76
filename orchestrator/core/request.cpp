#include "orchestrator/core/request.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/request_json.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet {

namespace {

using nlohmann::json;

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<Mode, 2> mode_names{
    {{Mode::text_to_video, "text-to-video"}, {Mode::image_to_video, "image-to-video"}}};
constexpr Names<Quality, 3> quality_names{
    {{Quality::p720, "720p"}, {Quality::p1080, "1080p"}, {Quality::k4, "4k"}}};
constexpr Names<Sound, 2> sound_names{{{Sound::off, "off"}, {Sound::on, "on"}}};
constexpr Names<ShotPlanning, 3> planning_names{{{ShotPlanning::single, "single"},
                                                 {ShotPlanning::customize, "customize"},
                                                 {ShotPlanning::intelligence, "intelligence"}}};

template <class Enum, std::size_t N>
std::string_view name_of(Names<Enum, N> const& names, Enum value) {
  for (auto const& [key, name] : names)
    if (key == value) return name;
  return "";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(Names<Enum, N> const& names, std::string_view text) {
  for (auto const& [key, name] : names)
    if (name == text) return key;
  return std::nullopt;
}

enum class Files { by_content, by_path };

json image_json(std::optional<ImageInput> const& image, Files files) {
  if (!image) return nullptr;
  if (image->kind == ImageInput::Kind::url) return {{"url", image->location}};
  json out{{"sha256", image->digest.str()}};
  if (files == Files::by_path) out["file"] = image->location;
  return out;
}

json shots_json(std::vector<Shot> const& shots) {
  json list = json::array();
  for (Shot const& shot : shots)
    list.push_back({{"prompt", shot.prompt}, {"duration_s", shot.duration.count()}});
  return list;
}

/// Texts come from foreign files: bytes that are not UTF-8 are replaced, never thrown about.
std::string dump(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What a text must hold; thrown like json's own complaints.
template <class T>
T must(std::optional<T> value) {
  if (!value) throw json::other_error::create(0, "unknown value", static_cast<json const*>(nullptr));
  return *std::move(value);
}

/// Null when it is not there, or nothing.
json const* member(json const& value, char const* key) {
  auto const found = value.find(key);
  return found == value.end() || found->is_null() ? nullptr : &*found;
}

std::string text_in(json const& value, char const* key) {
  json const* const text = member(value, key);
  return text == nullptr ? std::string{} : text->get<std::string>();
}

std::optional<ImageInput> image_in(json const* value) {
  if (value == nullptr) return std::nullopt;
  if (value->contains("url"))
    return ImageInput{
        .kind = ImageInput::Kind::url, .location = value->at("url").get<std::string>(), .digest = {}};
  return ImageInput{.kind = ImageInput::Kind::file,
                    .location = value->at("file").get<std::string>(),
                    .digest = ContentDigest{value->at("sha256").get<std::string>()}};
}

}  // namespace

std::string_view to_string(Mode mode) {
  return name_of(mode_names, mode);
}
std::string_view to_string(Quality quality) {
  return name_of(quality_names, quality);
}
std::string_view to_string(Sound sound) {
  return name_of(sound_names, sound);
}
std::string_view to_string(ShotPlanning planning) {
  return name_of(planning_names, planning);
}
std::string to_string(AspectRatio ratio) {
  return fmt::format("{}:{}", ratio.width, ratio.height);
}

std::optional<Mode> parse_mode(std::string_view text) {
  return value_of(mode_names, text);
}
std::optional<Quality> parse_quality(std::string_view text) {
  return value_of(quality_names, text);
}
std::optional<Sound> parse_sound(std::string_view text) {
  return value_of(sound_names, text);
}
std::optional<ShotPlanning> parse_shot_planning(std::string_view text) {
  return value_of(planning_names, text);
}

std::optional<AspectRatio> parse_aspect_ratio(std::string_view text) {
  AspectRatio ratio{0, 0};
  std::size_t at = 0;
  for (int* side : {&ratio.width, &ratio.height}) {
    std::size_t const first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && *side < 10'000; ++at)
      *side = *side * 10 + (text[at] - '0');
    if (at == first || *side == 0) return std::nullopt;
    if (side == &ratio.width && (at >= text.size() || text[at++] != ':')) return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  return ratio;
}

std::string canonical_json(Request const& request) {
  return dump(
      {{"mode", to_string(request.mode)},
       {"prompt", request.prompt},
       {"negative_prompt", request.negative_prompt},
       {"image_start", image_json(request.image_start, Files::by_content)},
       {"image_end", image_json(request.image_end, Files::by_content)},
       {"duration_s", request.duration.count()},
       {"quality", to_string(request.quality)},
       {"sound", to_string(request.sound)},
       {"aspect_ratio", request.aspect_ratio ? json(to_string(*request.aspect_ratio)) : json(nullptr)},
       {"shot_planning", to_string(request.shot_planning)},
       {"shots", shots_json(request.shots)},
       {"watermark", request.watermark ? json(*request.watermark) : json(nullptr)}});
}

json request_json(Request const& request) {
  json out{{"mode", to_string(request.mode)},
           {"prompt", request.prompt},
           {"duration_s", request.duration.count()},
           {"quality", to_string(request.quality)}};
  if (!request.negative_prompt.empty()) out["negative_prompt"] = request.negative_prompt;
  if (request.image_start) out["image_start"] = image_json(request.image_start, Files::by_path);
  if (request.image_end) out["image_end"] = image_json(request.image_end, Files::by_path);
  if (request.sound != Sound::off) out["sound"] = to_string(request.sound);
  if (request.aspect_ratio) out["aspect_ratio"] = to_string(*request.aspect_ratio);
  if (request.shot_planning != ShotPlanning::single) out["shot_planning"] = to_string(request.shot_planning);
  if (!request.shots.empty()) out["shots"] = shots_json(request.shots);
  if (request.watermark) out["watermark"] = *request.watermark;
  return out;
}

Request request_in(json const& in) {
  Request request;
  request.mode = must(parse_mode(in.at("mode").get_ref<std::string const&>()));
  request.quality = must(parse_quality(in.at("quality").get_ref<std::string const&>()));
  request.prompt = in.at("prompt").get<std::string>();
  request.duration = std::chrono::seconds{in.at("duration_s").get<std::int64_t>()};
  request.negative_prompt = text_in(in, "negative_prompt");
  request.image_start = image_in(member(in, "image_start"));
  request.image_end = image_in(member(in, "image_end"));
  if (json const* sound = member(in, "sound"))
    request.sound = must(parse_sound(sound->get_ref<std::string const&>()));
  if (json const* ratio = member(in, "aspect_ratio"))
    request.aspect_ratio = parse_aspect_ratio(ratio->get_ref<std::string const&>());
  if (json const* planning = member(in, "shot_planning"))
    request.shot_planning = must(parse_shot_planning(planning->get_ref<std::string const&>()));
  if (json const* shots = member(in, "shots"))
    for (json const& shot : *shots)
      request.shots.push_back({.prompt = shot.at("prompt").get<std::string>(),
                               .duration = std::chrono::seconds{shot.at("duration_s").get<std::int64_t>()}});
  if (json const* mark = member(in, "watermark")) request.watermark = mark->get<bool>();
  return request;
}

TaskIdentity identity_of(Request const& request, std::vector<Quality> const& ladder, int take) {
  std::string text = canonical_json(request);
  for (Quality const rung : ladder) text += fmt::format("|{}", to_string(rung));
  return TaskIdentity{sha256_hex(fmt::format("{}#{}", text, take))};
}

}  // namespace callsheet
