#include "orchestrator/core/request_json.hpp"

#include "orchestrator/core/json_writer.hpp"

#include <stdexcept>
#include <utility>

#include <boost/json/value.hpp>

namespace callsheet {

namespace {

using boost::json::object;
using boost::json::value;

std::string_view text_of(value const& in) {
  return in.as_string();
}

template <class T>
T must(std::optional<T> known) {
  if (!known) throw std::invalid_argument{"a value of another version"};
  return *std::move(known);
}

/// Null when it is not there, or nothing.
value const* member(object const& in, std::string_view key) {
  value const* const found = in.if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

void write_input(JsonWriter& out, MediaInput const& input) {
  out.begin_object();
  if (input.kind == MediaInput::Kind::url) {
    out.member("url", input.location);
  } else {
    out.member("file", input.location);
    out.member("sha256", input.digest.str());
  }
  out.end_object();
}

void write_input(JsonWriter& out, std::string_view key, std::optional<MediaInput> const& input) {
  if (!input) return;
  out.key(key);
  write_input(out, *input);
}

/// A picture or video by its content: where it lies is not what it is.
void write_content(JsonWriter& out, MediaInput const& input) {
  out.begin_object();
  if (input.kind == MediaInput::Kind::url)
    out.member("url", input.location);
  else
    out.member("sha256", input.digest.str());
  out.end_object();
}

void write_content(JsonWriter& out, std::optional<MediaInput> const& input) {
  if (!input) return out.null();
  write_content(out, *input);
}

/// A member with what `write` makes of each item; nothing where there are none.
template <class Item, class Write>
void write_list(JsonWriter& out, std::string_view key, std::vector<Item> const& items, Write write) {
  if (items.empty()) return;
  out.key(key);
  out.begin_array();
  for (Item const& item : items) write(item);
  out.end_array();
}

Element element_in(value const& in) {
  object const& element = in.as_object();
  Element out{.kind = must(parse_element_kind(text_of(element.at("kind"))))};
  if (value const* const made_by = member(element, "made_by")) {
    out.made_by = TaskIdentity{std::string{text_of(*made_by)}};
    out.name = text_of(element.at("name"));
  }
  if (out.made_by.empty() || element.contains("id")) out.id = text_of(element.at("id"));
  return out;
}

MediaInput input_in(value const& in) {
  object const& image = in.as_object();
  if (value const* const url = image.if_contains("url"))
    return MediaInput{.kind = MediaInput::Kind::url, .location = std::string{text_of(*url)}, .digest = {}};
  return MediaInput{.kind = MediaInput::Kind::file,
                    .location = std::string{text_of(image.at("file"))},
                    .digest = ContentDigest{std::string{text_of(image.at("sha256"))}}};
}

std::optional<MediaInput> input_in(value const* in) {
  return in == nullptr ? std::nullopt : std::optional{input_in(*in)};
}

std::chrono::seconds seconds_in(value const& in) {
  return std::chrono::seconds{in.to_number<std::int64_t>()};
}

}  // namespace

void write_json(std::vector<Shot> const& shots, JsonWriter& out) {
  out.begin_array();
  for (Shot const& shot : shots) {
    out.begin_object();
    out.member("duration_s", shot.duration.count());
    out.member("prompt", shot.prompt);
    out.end_object();
  }
  out.end_array();
}

void write_elements(std::vector<Element> const& elements, JsonWriter& out) {
  write_list(out, "elements", elements, [&](Element const& element) {
    out.begin_object();
    if (!element.id.empty()) out.member("id", element.id);
    out.member("kind", to_string(element.kind));
    if (!element.made_by.empty()) {
      out.member("made_by", element.made_by.str());
      out.member("name", element.name);
    }
    out.end_object();
  });
}

namespace {

void write_content(JsonWriter& out, Element const& element) {
  if (element.made_by.empty()) return out.value(element.id);
  out.begin_object();
  out.member("element", element.made_by.str());
  out.end_object();
}

}  // namespace

std::string canonical_json(Request const& request) {
  std::string text;
  JsonWriter out{text};
  out.begin_object();
  out.key("aspect_ratio");
  if (request.aspect_ratio)
    out.value(to_string(*request.aspect_ratio));
  else
    out.null();
  out.member("duration_s", request.duration.count());
  write_list(out, "elements", request.elements, [&](Element const& element) { write_content(out, element); });
  out.key("image_end");
  write_content(out, request.image_end);
  out.key("image_start");
  write_content(out, request.image_start);
  write_list(out, "images", request.images, [&](MediaInput const& image) { write_content(out, image); });
  if (request.keep_sound) out.member("keep_sound", *request.keep_sound);
  out.member("mode", to_string(request.mode));
  out.member("negative_prompt", request.negative_prompt);
  if (request.orientation) out.member("orientation", to_string(*request.orientation));
  out.member("prompt", request.prompt);
  out.member("quality", to_string(request.quality));
  out.member("shot_planning", to_string(request.shot_planning));
  out.key("shots");
  write_json(request.shots, out);
  out.member("sound", to_string(request.sound));
  if (request.video) {
    out.key("video");
    write_content(out, *request.video);
  }
  out.member("watermark", request.watermark);
  out.end_object();
  return text;
}

void write_json(Request const& request, JsonWriter& out) {
  out.begin_object();
  if (request.aspect_ratio) out.member("aspect_ratio", to_string(*request.aspect_ratio));
  out.member("duration_s", request.duration.count());
  write_elements(request.elements, out);
  write_input(out, "image_end", request.image_end);
  write_input(out, "image_start", request.image_start);
  write_list(out, "images", request.images, [&](MediaInput const& image) { write_input(out, image); });
  if (request.keep_sound) out.member("keep_sound", *request.keep_sound);
  out.member("mode", to_string(request.mode));
  if (!request.name.empty()) out.member("name", request.name);
  if (!request.negative_prompt.empty()) out.member("negative_prompt", request.negative_prompt);
  if (request.orientation) out.member("orientation", to_string(*request.orientation));
  out.member("prompt", request.prompt);
  out.member("quality", to_string(request.quality));
  if (request.shot_planning != ShotPlanning::single)
    out.member("shot_planning", to_string(request.shot_planning));
  if (!request.shots.empty()) {
    out.key("shots");
    write_json(request.shots, out);
  }
  if (request.sound != Sound::off) out.member("sound", to_string(request.sound));
  write_input(out, "video", request.video);
  if (request.watermark) out.member("watermark", *request.watermark);
  out.end_object();
}

Request request_in(value const& json) {
  object const& in = json.as_object();
  Request request;
  request.mode = must(parse_mode(text_of(in.at("mode"))));
  request.quality = must(parse_quality(text_of(in.at("quality"))));
  request.prompt = text_of(in.at("prompt"));
  request.duration = seconds_in(in.at("duration_s"));
  if (value const* const negative = member(in, "negative_prompt"))
    request.negative_prompt = text_of(*negative);
  if (value const* const elements = member(in, "elements"))
    for (value const& element : elements->as_array()) request.elements.push_back(element_in(element));
  request.image_start = input_in(member(in, "image_start"));
  request.image_end = input_in(member(in, "image_end"));
  if (value const* const images = member(in, "images"))
    for (value const& image : images->as_array()) request.images.push_back(input_in(image));
  request.video = input_in(member(in, "video"));
  if (value const* const keep = member(in, "keep_sound")) request.keep_sound = keep->as_bool();
  if (value const* const facing = member(in, "orientation"))
    request.orientation = must(parse_orientation(text_of(*facing)));
  if (value const* const sound = member(in, "sound")) request.sound = must(parse_sound(text_of(*sound)));
  if (value const* const ratio = member(in, "aspect_ratio"))
    request.aspect_ratio = parse_aspect_ratio(text_of(*ratio));
  if (value const* const planning = member(in, "shot_planning"))
    request.shot_planning = must(parse_shot_planning(text_of(*planning)));
  if (value const* const shots = member(in, "shots"))
    for (value const& shot : shots->as_array())
      request.shots.push_back(
          {.prompt = std::string{text_of(shot.at("prompt"))}, .duration = seconds_in(shot.at("duration_s"))});
  if (value const* const mark = member(in, "watermark")) request.watermark = mark->as_bool();
  if (value const* const name = member(in, "name")) request.name = text_of(*name);
  return request;
}

}  // namespace callsheet
