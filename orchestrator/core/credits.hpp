#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet {

/// An amount of the gateway's money. Unit: 1/10,000 credit, which is also the gateway's own finest unit
/// ("UC", gateway-api.md section 6), so that 5.4 credits/s × 1.333 = 7.1982 is exact. Never a floating-point
/// number.
class Credits {
 public:
  static constexpr std::int64_t units_per_credit = 10'000;

  constexpr Credits() = default;
  static constexpr Credits from_units(std::int64_t units) { return Credits{units}; }
  static constexpr Credits whole(std::int64_t credits) { return Credits{credits * units_per_credit}; }

  /// Reads "12", "12.5", "0.0001" (at most four decimals, no sign). Empty when it is anything else or too
  /// large.
  static std::optional<Credits> parse(std::string_view text);

  [[nodiscard]] constexpr std::int64_t units() const { return units_; }

  friend constexpr auto operator<=>(Credits, Credits) = default;
  friend constexpr Credits operator+(Credits a, Credits b) { return Credits{a.units_ + b.units_}; }
  friend constexpr Credits operator-(Credits a, Credits b) { return Credits{a.units_ - b.units_}; }
  friend constexpr Credits operator-(Credits a) { return Credits{-a.units_}; }
  friend constexpr Credits operator*(Credits a, std::int64_t n) { return Credits{a.units_ * n}; }
  constexpr Credits& operator+=(Credits other) { return *this = *this + other; }
  constexpr Credits& operator-=(Credits other) { return *this = *this - other; }

 private:
  explicit constexpr Credits(std::int64_t units) : units_{units} {}
  std::int64_t units_ = 0;
};

/// Exact decimal text without trailing zeros: "27", "7.2036", "-0.5".
std::string to_string(Credits amount);

/// A rate for display only (1 USD = so many credits; gateway-api.md section 10: 68 now, 72 on older pages).
enum class CreditsPerUsd : std::int64_t {};
/// 1 to 1,000,000; empty for what nothing can be reckoned with.
std::optional<CreditsPerUsd> credits_per_usd(std::int64_t rate);

/// Display only, always approximate: "~$0.40". Half a cent rounds up; amounts below a cent show four
/// decimals.
std::string approximate_usd(Credits amount, CreditsPerUsd rate);

}  // namespace callsheet
