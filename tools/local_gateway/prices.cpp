#include "tools/local_gateway/prices.hpp"

#include <algorithm>
#include <array>

namespace callsheet::local_gateway {

namespace {

/// Multipliers in thousandths, by resolution, without and with sound.
struct Multipliers {
  std::array<std::int64_t, 2> p720, p1080, k4;
};

constexpr std::int64_t base_uc_per_second = 54'000;
constexpr std::int64_t minimum_charge_uc = 162'000;
constexpr Multipliers v3{{1000, 1500}, {1334, 2000}, {5000, 5000}};
constexpr Multipliers o3{{1000, 1334}, {1334, 1667}, {5000, 5000}};
constexpr std::int64_t turbo_720p_uc_per_second = 72'000;
constexpr std::int64_t turbo_1080p_uc_per_second = 90'000;

std::int64_t multiplier(Multipliers const& table, Order const& order) {
  std::size_t const column = order.sound ? 1 : 0;
  switch (order.resolution) {
    case Resolution::p720:
      return table.p720[column];
    case Resolution::p1080:
      return table.p1080[column];
    case Resolution::k4:
      return table.k4[column];
  }
  return 0;
}

std::int64_t uc_per_second(ModelRules const& model, Order const& order) {
  switch (model.price_class) {
    case PriceClass::v3:
      return (base_uc_per_second * multiplier(v3, order) + 500) / 1000;
    case PriceClass::o3:
      return (base_uc_per_second * multiplier(o3, order) + 500) / 1000;
    case PriceClass::turbo:
      return order.resolution == Resolution::p720 ? turbo_720p_uc_per_second : turbo_1080p_uc_per_second;
  }
  return 0;
}

}  // namespace

Credits price_of(ModelRules const& model, Order const& order) {
  return Credits::from_units(std::max(minimum_charge_uc, uc_per_second(model, order) * order.seconds));
}

}  // namespace callsheet::local_gateway
