#pragma once

#include "orchestrator/core/ids.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet {

enum class Mode {
  text_to_video,
  image_to_video,
  reference_to_video,  ///< a new clip with what pictures or a video show
  video_edit,          ///< a video, changed as the prompt says
  motion_control,      ///< a picture's character moves as a video does
  element,             ///< no clip: a character or object that later requests refer to
};
/// `any` is for models that cannot be told: what they make is what there is.
enum class Quality { p480, p720, p768, p1080, k2, k4, any };
enum class Sound { off, on };
/// Which way a character faces in motion control: as in its picture, or as in the video.
enum class Orientation { image, video };
/// How a clip is cut: one take in one go, the manifest's shots, or shots the model plans from the prompt.
enum class ShotPlanning { single, customize, intelligence };

struct AspectRatio {
  int width = 16;
  int height = 9;
  friend auto operator<=>(AspectRatio const&, AspectRatio const&) = default;
};

struct Shot {
  std::string prompt;
  std::chrono::seconds duration{0};
  friend bool operator==(Shot const&, Shot const&) = default;
};

/// A picture or video the request uses: a local file (absolute path, digest of its bytes) or a public URL.
struct MediaInput {
  enum class Kind { file, url };
  Kind kind = Kind::url;
  std::string location;  ///< absolute path or URL, by `kind`
  ContentDigest digest;  ///< files only: empty until the file was read
  friend bool operator==(MediaInput const&, MediaInput const&) = default;
};

/// A character or object that the gateway knows by an id, and whether it was made of pictures or of a video.
/// One that the campaign makes itself has no id before it is made: what it is made from tells which it is.
struct Element {
  enum class Kind { images, video };
  std::string id = {};
  Kind kind = Kind::images;
  TaskIdentity made_by = {};  ///< of the task that makes it; empty: it was made elsewhere
  std::string name = {};      ///< in the manifest, of one that is made
  friend bool operator==(Element const&, Element const&) = default;
};

/// What one clip should be, in words that no model owns. The gateway's codec translates it per model.
struct Request {
  Mode mode = Mode::text_to_video;
  std::string prompt;
  std::string negative_prompt;
  std::optional<MediaInput> image_start;
  std::optional<MediaInput> image_end;
  std::vector<Element> elements;    ///< that the prompt names as <<<element_1>>>, in this order
  std::vector<MediaInput> images;   ///< what to show, in no order of time: no frames
  std::optional<MediaInput> video;  ///< what is referred to, edited or followed, by mode
  std::chrono::seconds duration{5};
  Quality quality = Quality::p720;
  Sound sound = Sound::off;
  std::optional<AspectRatio> aspect_ratio;
  ShotPlanning shot_planning = ShotPlanning::single;
  std::vector<Shot> shots;  ///< for ShotPlanning::customize
  std::optional<bool> watermark;
  std::optional<bool> keep_sound;  ///< of `video`; empty: as the model does by itself
  std::optional<Orientation> orientation;
  /// Of Mode::element: what the gateway is to call it. Another name makes no other element.
  std::string name;
  friend bool operator==(Request const&, Request const&) = default;
};

std::string_view to_string(Mode mode);                ///< "text-to-video", "motion-control", "element"
std::string_view to_string(Quality quality);          ///< "720p", "4k", "any"
std::string_view to_string(Sound sound);              ///< "off", "on"
std::string_view to_string(Orientation orientation);  ///< "image", "video"
std::string_view to_string(ShotPlanning planning);    ///< "single", "customize", "intelligence"
std::string_view to_string(Element::Kind kind);       ///< "images", "video"
std::string to_string(AspectRatio ratio);             ///< "16:9"

std::optional<Mode> parse_mode(std::string_view text);
std::optional<Quality> parse_quality(std::string_view text);
std::optional<Sound> parse_sound(std::string_view text);
std::optional<Orientation> parse_orientation(std::string_view text);
std::optional<Element::Kind> parse_element_kind(std::string_view text);
std::optional<ShotPlanning> parse_shot_planning(std::string_view text);
std::optional<AspectRatio> parse_aspect_ratio(std::string_view text);

/// The names, in the order of quality and of the modes; what a manifest may say: elements have a key of their
/// own.
std::vector<std::string> mode_names();
std::vector<std::string> quality_names();

/// Whether a request of this mode comes to a clip.
[[nodiscard]] inline bool makes_clips(Mode mode) {
  return mode != Mode::element;
}

/// Every picture and video of the request, frames first.
std::vector<MediaInput> inputs_of(Request const& request);

/// The request as JSON with sorted keys: two requests are the same if and only if this text is. Local files
/// stand for their content (digest), not their path, so moving a picture buys nothing anew. Fields of the
/// first version are always there; later ones only where they say something, so that clips made before them
/// are still found. An element of the campaign's own stands for what it is made from, not for its id.
std::string canonical_json(Request const& request);

/// What makes two tasks the same clip: canonical request, the qualities it may degrade to, and the take (from
/// 1).
TaskIdentity identity_of(Request const& request, std::vector<Quality> const& ladder, int take);

}  // namespace callsheet
