#include "orchestrator/core/request.hpp"

#include "orchestrator/core/digest.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace callsheet {

namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<Mode, 6> modes{{{Mode::text_to_video, "text-to-video"},
                                {Mode::image_to_video, "image-to-video"},
                                {Mode::reference_to_video, "reference-to-video"},
                                {Mode::video_edit, "video-edit"},
                                {Mode::motion_control, "motion-control"},
                                {Mode::element, "element"}}};
constexpr Names<Quality, 7> qualities{{{Quality::p480, "480p"},
                                       {Quality::p720, "720p"},
                                       {Quality::p768, "768p"},
                                       {Quality::p1080, "1080p"},
                                       {Quality::k2, "2k"},
                                       {Quality::k4, "4k"},
                                       {Quality::any, "any"}}};
constexpr Names<Orientation, 2> orientations{{{Orientation::image, "image"}, {Orientation::video, "video"}}};
constexpr Names<Sound, 2> sound_names{{{Sound::off, "off"}, {Sound::on, "on"}}};
constexpr Names<ShotPlanning, 3> planning_names{{{ShotPlanning::single, "single"},
                                                 {ShotPlanning::customize, "customize"},
                                                 {ShotPlanning::intelligence, "intelligence"}}};

constexpr Names<Element::Kind, 2> element_kinds{
    {{Element::Kind::images, "images"}, {Element::Kind::video, "video"}}};

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

template <class Enum, std::size_t N>
std::vector<std::string> all_of(Names<Enum, N> const& names) {
  std::vector<std::string> all;
  for (auto const& [key, name] : names) all.emplace_back(name);
  return all;
}

}  // namespace

std::string_view to_string(Mode mode) {
  return name_of(modes, mode);
}
std::string_view to_string(Quality quality) {
  return name_of(qualities, quality);
}
std::string_view to_string(Sound sound) {
  return name_of(sound_names, sound);
}
std::string_view to_string(Element::Kind kind) {
  return name_of(element_kinds, kind);
}
std::string_view to_string(Orientation orientation) {
  return name_of(orientations, orientation);
}
std::string_view to_string(ShotPlanning planning) {
  return name_of(planning_names, planning);
}
std::string to_string(AspectRatio ratio) {
  return fmt::format("{}:{}", ratio.width, ratio.height);
}

std::optional<Mode> parse_mode(std::string_view text) {
  return value_of(modes, text);
}
std::optional<Quality> parse_quality(std::string_view text) {
  return value_of(qualities, text);
}
std::optional<Sound> parse_sound(std::string_view text) {
  return value_of(sound_names, text);
}
std::optional<Element::Kind> parse_element_kind(std::string_view text) {
  return value_of(element_kinds, text);
}
std::optional<Orientation> parse_orientation(std::string_view text) {
  return value_of(orientations, text);
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

std::vector<std::string> mode_names() {
  std::vector<std::string> names;
  for (auto const& [mode, name] : modes)
    if (makes_clips(mode)) names.emplace_back(name);
  return names;
}
std::vector<std::string> quality_names() {
  return all_of(qualities);
}

std::vector<MediaInput> inputs_of(Request const& request) {
  std::vector<MediaInput> inputs;
  for (auto const* one : {&request.image_start, &request.image_end})
    if (*one) inputs.push_back(**one);
  inputs.insert(inputs.end(), request.images.begin(), request.images.end());
  if (request.video) inputs.push_back(*request.video);
  return inputs;
}

TaskIdentity identity_of(Request const& request, std::vector<Quality> const& ladder, int take) {
  std::string text = canonical_json(request);
  for (Quality const rung : ladder) text += fmt::format("|{}", to_string(rung));
  return TaskIdentity{sha256_hex(fmt::format("{}#{}", text, take))};
}

}  // namespace callsheet
