#pragma once

#include "tools/local_gateway/order.hpp"

#include <cstdint>
#include <string_view>

namespace callsheet::local_gateway {

inline constexpr std::uint64_t mib = 1024 * 1024;

enum class PriceClass { v3, o3, turbo };
enum class PromptRule { required, optional };
enum class ImageRule { none, first_frame_required, any_image_required };
enum class ShotRule { none, customize, customize_or_intelligence };

/// What EvoLink documents for one model. Source of every row: gateway-api.md section 4.
struct ModelRules {
  std::string_view name;
  PriceClass price_class;
  PromptRule prompt;
  ImageRule images;
  ShotRule shots;
  std::uint64_t image_bytes_max;
  int elements_max;  ///< 0: no element_list
  bool has_aspect_ratio;
  bool has_sound;
  bool has_negative_prompt;
  bool has_4k;
};

/// Null when the gateway does not offer that model.
[[nodiscard]] ModelRules const* find_model(std::string_view name);

}  // namespace callsheet::local_gateway
