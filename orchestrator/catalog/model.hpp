#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/image_facts.hpp"
#include "orchestrator/core/request.hpp"

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

/// How a model cuts a clip into shots.
struct ShotRule {
  std::vector<ShotPlanning> kinds;  ///< beside `single`
  std::size_t count_max = 0;
  std::size_t characters_max = 0;
  std::chrono::seconds duration_min{1};
  bool with_image_end = false;
};

/// One model of the gateway in one mode: what it can be asked for.
struct Model {
  ModelId id;
  Mode mode = Mode::text_to_video;
  std::string source;  ///< where these figures stand
  std::chrono::seconds duration_min{0};
  std::chrono::seconds duration_max{0};
  std::vector<Quality> qualities;
  std::vector<Sound> sounds;  ///< empty: the model has no such parameter, its clips are silent
  TextRule prompt;
  std::optional<TextRule> negative_prompt;
  std::optional<PictureRule> image_start;
  std::optional<PictureRule> image_end;
  std::vector<AspectRatio> aspect_ratios;  ///< empty: it cannot be asked for; clips follow the first frame
  std::optional<AspectRatio> aspect_ratio_default;
  std::optional<ShotRule> shots;
  bool watermark = false;  ///< whether it can be told about its watermark
};

}  // namespace callsheet::catalog
