#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callsheet::catalog {

/// When the amount of a task is final (gateway-api.md section 10).
enum class Settlement {
  request_only,         ///< what is reserved at creation is what is billed
  request_then_actual,  ///< reserved by the request, billed by what came out
};

/// What one unit of a rate is.
enum class BillingUnit { second, call };

/// How many seconds a rate is multiplied with: those of the clip, of the video it is made from, or both.
struct CountedSeconds {
  enum class Input {
    none,
    whole,
    at_least_output,  ///< a video that is shorter than the clip counts as long as the clip
  };
  enum class Rounding { nearest, up, up_to_hundredths };
  bool output = true;
  Input input = Input::none;
  std::optional<std::chrono::seconds> input_most;  ///< what is beyond is free
  /// What the gateway reserves for a video it cannot measure; 0: it does not say.
  std::chrono::seconds unmeasured{0};
  Rounding rounding = Rounding::nearest;  ///< of the sum
};

/// The price of one model: a base rate times a factor by quality and sound, exactly as the gateway states it.
struct Tariff {
  BillingUnit unit = BillingUnit::second;
  Credits base;  ///< for one second or call at factor 1
  /// Factor in 1/10,000 (1.334 is 13,340). A quality and sound without one has no price.
  std::map<std::pair<Quality, Sound>, std::int64_t> factors;
  Credits minimum;  ///< the least one task costs
  Credits most;     ///< what a hold covers at least, where sources name a higher price, too
  Settlement settlement = Settlement::request_only;
  CountedSeconds counted;
  Credits per_image;  ///< for each input picture beyond `images_free`
  std::size_t images_free = 0;
};

/// All prices as of one day from one source.
struct PriceList {
  std::string name;  ///< "evolink 2026-10-10"
  std::string source;
  CreditsPerUsd credits_per_usd{0};
  std::map<ModelId, Tariff> tariffs;
  std::map<ModelId, Tariff> with_video;  ///< in the place of `tariffs` where a video is given
};

/// What a price hangs on.
struct Priced {
  Quality quality = Quality::p720;
  Sound sound = Sound::off;
  std::chrono::milliseconds output{0};
  std::chrono::milliseconds input{0};  ///< of the request's video
  std::size_t images = 0;              ///< frames and references
};

/// Base rate times factor times seconds (or once, by call), rounded half up to 1/10,000 credit, at least the
/// minimum; then the pictures. Empty when the tariff has no factor for that quality and sound. Pure, exact.
/// Source: gateway-api.md sections 10 and 15.
[[nodiscard]] std::optional<Credits> price(Tariff const& tariff, Priced const& what);

/// Credits for one second or call, rounded half up: what price lists show. The minimum is of a clip, not of
/// its seconds.
[[nodiscard]] std::optional<Credits> rate(Tariff const& tariff, Quality quality, Sound sound);

}  // namespace callsheet::catalog
