#include "orchestrator/catalog/price.hpp"

#include <algorithm>

namespace callsheet::catalog {

namespace {
constexpr std::int64_t factor_one = 10'000;
}

std::optional<Credits> price(Tariff const& tariff, Quality quality, Sound sound,
                             std::chrono::seconds duration) {
  auto const factor = tariff.factors.find({quality, sound});
  if (factor == tariff.factors.end()) return std::nullopt;
  std::int64_t const product = tariff.base_per_second.units() * factor->second * duration.count();
  return std::max(Credits::from_units((product + factor_one / 2) / factor_one), tariff.minimum);
}

std::optional<Credits> rate(Tariff const& tariff, Quality quality, Sound sound) {
  auto const factor = tariff.factors.find({quality, sound});
  if (factor == tariff.factors.end()) return std::nullopt;
  return Credits::from_units((tariff.base_per_second.units() * factor->second + factor_one / 2) / factor_one);
}

std::optional<Credits> price(Tariff const& tariff, Request const& request, Quality quality) {
  return price(tariff, quality, request.sound, request.duration);
}

}  // namespace callsheet::catalog
