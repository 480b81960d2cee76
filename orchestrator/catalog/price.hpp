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

/// The price of one model: a base rate per second times a factor by quality and sound, exactly as the gateway
/// states it.
struct Tariff {
  Credits base_per_second;
  /// Factor in 1/10,000 (1.334 is 13,340). A quality and sound without one has no price.
  std::map<std::pair<Quality, Sound>, std::int64_t> factors;
  Credits minimum;  ///< the least one task costs
  Settlement settlement = Settlement::request_only;
};

/// All prices as of one day from one source.
struct PriceList {
  std::string name;  ///< "evolink 2026-10-10"
  std::string source;
  CreditsPerUsd credits_per_usd{0};
  std::map<ModelId, Tariff> tariffs;
};

/// Base rate times factor times seconds, rounded half up to 1/10,000 credit, at least the minimum. Empty when
/// the tariff has no factor for that quality and sound. Pure, exact. Source: gateway-api.md section 10.
[[nodiscard]] std::optional<Credits> price(Tariff const& tariff, Quality quality, Sound sound,
                                           std::chrono::seconds duration);

/// The same for a request at `quality`.
[[nodiscard]] std::optional<Credits> price(Tariff const& tariff, Request const& request, Quality quality);

/// Credits for one second, rounded half up: what price lists show. The minimum is of a clip, not of its
/// seconds.
[[nodiscard]] std::optional<Credits> rate(Tariff const& tariff, Quality quality, Sound sound);

}  // namespace callsheet::catalog
