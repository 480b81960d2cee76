#include "orchestrator/core/credits.hpp"

#include <fmt/compile.h>

namespace callsheet {

namespace {
constexpr int decimals = 4;
constexpr std::int64_t whole_most =
    100'000'000'000;  // far above any budget, far below overflow when multiplied
}  // namespace

std::optional<Credits> Credits::parse(std::string_view text) {
  std::int64_t whole = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    whole = whole * 10 + (text[at] - '0');
    if (whole > whole_most) return std::nullopt;
  }
  if (at == 0) return std::nullopt;
  std::int64_t fraction = 0;
  int digits = 0;
  if (at < text.size()) {
    if (text[at++] != '.') return std::nullopt;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
      if (digits < decimals) fraction = fraction * 10 + (text[at] - '0');
    if (digits == 0 || digits > decimals || at != text.size()) return std::nullopt;
  }
  for (; digits < decimals; ++digits) fraction *= 10;
  return Credits{whole * units_per_credit + fraction};
}

std::string to_string(Credits amount) {
  std::int64_t const units = amount.units();
  std::uint64_t const magnitude =
      units < 0 ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  std::string text = units < 0 ? "-" : "";
  text += fmt::format_int{magnitude / Credits::units_per_credit}.str();
  std::uint64_t const fraction = magnitude % Credits::units_per_credit;
  if (fraction == 0) return text;
  text += fmt::format(FMT_COMPILE(".{:04}"), fraction);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::optional<CreditsPerUsd> credits_per_usd(std::int64_t rate) {
  constexpr std::int64_t most = 1'000'000;
  return rate >= 1 && rate <= most ? std::optional{CreditsPerUsd{rate}} : std::nullopt;
}

std::string approximate_usd(Credits amount, CreditsPerUsd rate) {
  std::int64_t const per_usd = static_cast<std::int64_t>(rate) * Credits::units_per_credit;
  std::int64_t const units = amount.units() < 0 ? -amount.units() : amount.units();
  char const* const sign = amount.units() < 0 ? "-" : "";
  std::int64_t const cents = (units * 100 + per_usd / 2) / per_usd;
  if (cents > 0 || units == 0) return fmt::format("~{}${}.{:02}", sign, cents / 100, cents % 100);
  return fmt::format("~{}$0.{:04}", sign, (units * 10'000 + per_usd / 2) / per_usd);
}

}  // namespace callsheet
