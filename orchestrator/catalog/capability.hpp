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

/// What is known of a request's pictures; empty for URLs, which nobody has looked at.
struct Pictures {
  std::optional<ImageFacts> start;
  std::optional<ImageFacts> end;
};

/// Everything that keeps `model` from making `request` as it is meant; empty: it can. The quality is the
/// request's own. A model of another mode has the one obstacle `mode`. Pure.
[[nodiscard]] std::vector<Obstacle> obstacles(Model const& model, Request const& request,
                                              Pictures const& pictures);

/// Number of code points in UTF-8 text. Pure.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace callsheet::catalog
