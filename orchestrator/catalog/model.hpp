#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/media_facts.hpp"
#include "orchestrator/core/request.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// catalog/ knows what the models can do and what they cost. All of it is data (manifests/catalog/*.yaml): no
// model is named in the code. It knows no manifest, network or ledger.
namespace callsheet::catalog {

/// How a model takes a text. Characters are code points (gateway-api.md section 4: "characters").
struct TextRule {
  bool required = false;
  std::size_t characters_max = 0;
};

/// What a model takes as a picture.
struct PictureRule {
  bool required = false;
  std::vector<ImageFormat> formats;
  std::uint64_t bytes_max = 0;
  int side_px_min = 0;
  /// Width to height, at most this either way: 2.5 stands for 1:2.5 to 2.5:1. In 1/1000.
  int ratio_max_milli = 0;
};

/// Pictures that are no frames: what a clip should show.
struct ReferenceRule {
  std::size_t count_min = 0;
  std::size_t count_max = 0;
  PictureRule picture;
};

/// Characters and objects the gateway knows by an id.
struct ElementRule {
  std::size_t max = 0;
  std::size_t with_start_max = 0;  ///< beside a first frame; 0: as `max`
  std::vector<Element::Kind> kinds;
  bool facing_image = true;  ///< also where a character faces as in its picture
};

/// Frames and references counted together.
struct PictureCount {
  std::size_t min = 0;
  std::size_t max = 0;           ///< with the elements
  std::size_t with_end_max = 0;  ///< where there is a last frame
  std::size_t with_video_max = 0;
};

/// What a model takes as a video. A limit of 0 is none.
struct VideoRule {
  bool required = false;
  std::uint64_t bytes_max = 0;
  std::chrono::seconds length_min{0};
  std::chrono::seconds length_max{0};
  std::chrono::seconds facing_image_max{0};  ///< length_max where the character faces as in its picture
  int side_px_min = 0;
  int side_px_max = 0;
  int fps_min = 0;
  int fps_max = 0;
};

/// How long clips can be.
struct DurationRule {
  std::chrono::seconds min{0};
  std::chrono::seconds max{0};
  std::vector<std::chrono::seconds> only;  ///< empty: every whole second from `min` to `max`
  bool follows_video = false;              ///< as long as the video; `min` and `max` are the video's
};

/// How a model cuts a clip into shots.
struct ShotRule {
  std::vector<ShotPlanning> kinds;  ///< beside `single`
  std::size_t count_max = 0;
  std::size_t characters_max = 0;
  std::chrono::seconds duration_min{1};
  bool with_image_end = false;
};

/// What a model calls its sound: `sound: "on"`, `generate_audio: true`, or nothing it could be told.
enum class SoundSpelling { sound, generate_audio, none };

/// How the gateway wants a model's parameters to be called, where models differ.
struct Spelling {
  bool frames_in_image_urls = false;        ///< first and last frame as a list, not as fields of their own
  bool video_in_list = false;               ///< `video_urls: [url]`, not `video_url: url`
  bool keep_sound_in_model_params = false;  ///< `model_params.keep_sound`, not `keep_original_sound`
  SoundSpelling sound = SoundSpelling::sound;
};

/// One model of the gateway: what it can be asked for.
struct Model {
  ModelId id;
  std::vector<Mode> modes;  ///< empty: it has a price, but callsheet does not speak its language
  std::string does;         ///< where `modes` is empty: what it does
  std::string source;       ///< where these figures stand
  DurationRule duration;
  std::vector<Quality> qualities;
  std::vector<Sound> sounds;  ///< empty: the model has no such parameter
  TextRule prompt;
  std::optional<TextRule> negative_prompt;
  std::optional<PictureRule> image_start;
  std::optional<PictureRule> image_end;
  std::optional<ReferenceRule> images;
  std::optional<PictureCount> pictures;
  std::optional<ElementRule> elements;
  std::optional<VideoRule> video;
  std::vector<AspectRatio> aspect_ratios;  ///< empty: it cannot be asked for; clips follow the first frame
  std::optional<AspectRatio> aspect_ratio_default;
  std::optional<ShotRule> shots;
  bool watermark = false;    ///< whether it can be told about its watermark
  bool keep_sound = false;   ///< whether it can be told what to do with its video's sound
  bool orientation = false;  ///< whether it has to be told which way a character faces
  Spelling spelling;

  [[nodiscard]] bool makes(Mode mode) const {
    return std::find(modes.begin(), modes.end(), mode) != modes.end();
  }
};

}  // namespace callsheet::catalog
