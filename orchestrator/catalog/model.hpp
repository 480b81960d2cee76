#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// catalog/ knows models as data: what each can do and what it costs. No model is named in the code.
namespace callsheet::catalog {

struct TextLimits {
  bool required = false;
  std::size_t characters_most = 0;
};

struct PictureLimits {
  std::uint64_t bytes_most = 0;
  int pixels_least = 0;         ///< of each side
  std::int64_t ratio_most = 0;  ///< longer to shorter side, in thousandths: 2500 is 2.5 : 1
};

struct ShotLimits {
  std::vector<ShotPlanning> kinds;
  std::size_t shots_most = 0;
  std::size_t prompt_characters_most = 0;
};

/// A model's parameters; an empty optional or list means that it has no such parameter.
struct Model {
  ModelId id;
  Mode mode = Mode::text_to_video;
  std::string source;      ///< where these figures come from
  std::string settlement;  ///< when the amount is final (gateway-api.md section 10)
  std::chrono::seconds duration_least{0};
  std::chrono::seconds duration_most{0};
  std::vector<Quality> qualities;
  bool has_sound = false;
  std::vector<AspectRatio> aspect_ratios;
  TextLimits prompt;
  std::optional<TextLimits> negative_prompt;
  std::optional<PictureLimits> image_start;
  std::optional<PictureLimits> image_end;
  std::optional<ShotLimits> shots;
  bool has_watermark = false;
};

/// Credits for each second of video.
using Rates = std::map<std::pair<Quality, Sound>, Credits>;

/// Dated prices of some models.
struct PriceList {
  std::string name;
  std::string date;
  std::string source;
  CreditsPerUsd credits_per_usd{68};
  std::map<ModelId, Rates> rates;
};

struct Catalog {
  std::string name;
  PriceList prices;                      ///< the list in use
  std::vector<std::string> price_lists;  ///< all names, the default first
  std::vector<Model> models;

  [[nodiscard]] Model const* find(ModelId const& id) const;
};

/// What `request` costs on `model`: rate × seconds, exact. With settlement `request_only` that is also the
/// most it can cost. Fails with Code::no_price when the list in use has none for that quality and sound.
[[nodiscard]] Result<Credits> price(Catalog const& catalog, Model const& model, Request const& request);

}  // namespace callsheet::catalog
