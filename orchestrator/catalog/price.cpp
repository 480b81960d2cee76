#include "orchestrator/catalog/price.hpp"

#include <algorithm>

namespace callsheet::catalog {

namespace {

constexpr std::int64_t factor_one = 10'000;
constexpr std::int64_t hundredths_in_second = 100;

/// In 1/100 s: as finely as the gateway counts.
std::int64_t counted_hundredths(CountedSeconds const& rule, Priced const& what) {
  std::chrono::milliseconds sum = rule.output ? what.output : std::chrono::milliseconds{0};
  std::chrono::milliseconds input = what.input;
  if (rule.input_most) input = std::min(input, std::chrono::milliseconds{*rule.input_most});
  if (rule.input == CountedSeconds::Input::at_least_output) input = std::max(input, what.output);
  if (rule.input != CountedSeconds::Input::none) sum += input;
  // Far beyond what any model takes; keeps the product of a price within 63 bits (load.cpp bounds the rest).
  constexpr std::chrono::milliseconds longest = std::chrono::hours{2};
  std::int64_t const ms = std::min(sum, longest).count();
  switch (rule.rounding) {
    case CountedSeconds::Rounding::nearest:
      return (ms + 500) / 1000 * hundredths_in_second;
    case CountedSeconds::Rounding::up:
      return (ms + 999) / 1000 * hundredths_in_second;
    case CountedSeconds::Rounding::up_to_hundredths:
      return (ms + 9) / 10;
  }
  return 0;
}

}  // namespace

std::optional<Credits> price(Tariff const& tariff, Priced const& what) {
  auto const factor = tariff.factors.find({what.quality, what.sound});
  if (factor == tariff.factors.end()) return std::nullopt;
  std::int64_t const count =
      tariff.unit == BillingUnit::call ? hundredths_in_second : counted_hundredths(tariff.counted, what);
  constexpr std::int64_t one = factor_one * hundredths_in_second;
  std::int64_t const product = tariff.base.units() * factor->second * count;
  Credits const clip = std::max(Credits::from_units((product + one / 2) / one), tariff.minimum);
  std::size_t const paid = what.images - std::min(what.images, tariff.images_free);
  return clip + tariff.per_image * static_cast<std::int64_t>(paid);
}

std::optional<Credits> rate(Tariff const& tariff, Quality quality, Sound sound) {
  auto const factor = tariff.factors.find({quality, sound});
  if (factor == tariff.factors.end()) return std::nullopt;
  return Credits::from_units((tariff.base.units() * factor->second + factor_one / 2) / factor_one);
}

}  // namespace callsheet::catalog
