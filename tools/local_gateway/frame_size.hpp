#pragma once

#include "tools/local_gateway/image_file.hpp"
#include "tools/local_gateway/order.hpp"

#include <compare>
#include <optional>

namespace callsheet::local_gateway {

struct FrameSize {
  int width = 1280;
  int height = 720;
  friend auto operator<=>(FrameSize const&, FrameSize const&) = default;
};

/// The clip's size: the short side is 720, 1080 or 2160 px, both sides even. 16:9 1280x720, 9:16 720x1280,
/// 1:1 720x720; as the first frame: its ratio, or 16:9 when the picture is not ours. Our choice: EvoLink
/// documents no pixel sizes.
[[nodiscard]] FrameSize frame_size(Order const& order, std::optional<ImageFile> const& first_frame);

}  // namespace callsheet::local_gateway
