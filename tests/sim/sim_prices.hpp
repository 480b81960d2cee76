#pragma once

#include "orchestrator/core/credits.hpp"

#include <cstdint>
#include <string>

namespace callsheet::sim {

/// What the modelled gateway takes for a clip, or an element, which has no length.
inline Credits price_of(std::string const& model, std::string const& quality, int seconds) {
  if (model.starts_with("maker")) return Credits::from_units(12'345);
  std::int64_t const rate = 54'000 + (model.back() - '0') * 9'001;
  std::int64_t const factor = quality == "1080p" ? 13'340 : 10'000;
  return Credits::from_units((rate * factor * seconds + 5'000) / 10'000);
}

}  // namespace callsheet::sim
