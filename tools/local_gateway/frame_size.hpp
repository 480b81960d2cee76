#pragma once

#include "tools/local_gateway/order.hpp"

#include <compare>
#include <optional>

namespace callsheet::local_gateway {

struct FrameSize {
  int width = 1280;
  int height = 720;
  friend auto operator<=>(FrameSize const&, FrameSize const&) = default;
};

/// The clip's size: the short side is as many pixels as its quality says, both sides even. 16:9 at 720p is
/// 1280x720. Without a ratio that of `source`, the first frame or the video; 16:9 when it is not ours. Our
/// choice: EvoLink documents no pixel sizes.
[[nodiscard]] FrameSize frame_size(Order const& order, std::optional<FrameSize> const& source);

}  // namespace callsheet::local_gateway
