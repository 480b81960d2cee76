#include "tools/local_gateway/frame_size.hpp"

#include <algorithm>

namespace callsheet::local_gateway {

namespace {

/// Models that cannot be told a quality make 720p here.
int short_side(std::string const& quality) {
  if (quality == "480p") return 480;
  if (quality == "768p") return 768;
  if (quality == "1080p") return 1080;
  if (quality == "2k") return 1440;
  if (quality == "4k") return 2160;
  return 720;
}

int even(int pixels) {
  return (pixels + 1) / 2 * 2;
}

FrameSize of_ratio(int shorter, std::int64_t width, std::int64_t height) {
  std::int64_t const longer =
      (shorter * std::max(width, height) + std::min(width, height) / 2) / std::min(width, height);
  int const other = even(static_cast<int>(longer));
  return width >= height ? FrameSize{other, shorter} : FrameSize{shorter, other};
}

}  // namespace

FrameSize frame_size(Order const& order, std::optional<FrameSize> const& source) {
  int const shorter = short_side(order.quality);
  if (order.ratio) return of_ratio(shorter, order.ratio->width, order.ratio->height);
  if (!source || source->width == 0) return of_ratio(shorter, 16, 9);
  return of_ratio(shorter, source->width, source->height);
}

}  // namespace callsheet::local_gateway
