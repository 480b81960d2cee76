#pragma once

#include "orchestrator/catalog/model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace callsheet::catalog {

/// The part of a request an obstacle is about.
enum class Field {
  mode,
  prompt,
  negative_prompt,
  image_start,
  image_end,
  images,
  elements,
  video,
  keep_sound,
  orientation,
  duration,
  quality,
  sound,
  aspect_ratio,
  shots,
  watermark,
};

/// Why a model cannot do a request. `why` is a whole message that names the model; `mend` may be empty.
struct Obstacle {
  Field field = Field::mode;
  std::string why;
  std::string mend;
  std::optional<std::size_t> shot = {};  ///< which shot, from 0
};

/// What is known of a request's pictures and video; empty for URLs, which nobody has looked at.
struct InputFacts {
  std::optional<ImageFacts> start;
  std::optional<ImageFacts> end;
  std::vector<std::optional<ImageFacts>> images;  ///< one for each of Request::images
  std::optional<VideoFacts> video;
};

/// Everything that keeps `model` from making `request` as it is meant; empty: it can. The quality is the
/// request's own. A model of another mode has the one obstacle `mode`. Pure.
[[nodiscard]] std::vector<Obstacle> obstacles(Model const& model, Request const& request,
                                              InputFacts const& inputs);

/// Number of code points in UTF-8 text. Pure.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace callsheet::catalog
