#include "tools/local_gateway/frame_size.hpp"

#include <algorithm>

namespace callsheet::local_gateway {

namespace {

int short_side(Resolution resolution) {
  switch (resolution) {
    case Resolution::p720:
      return 720;
    case Resolution::p1080:
      return 1080;
    case Resolution::k4:
      return 2160;
  }
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

FrameSize frame_size(Order const& order, std::optional<ImageFile> const& first_frame) {
  int const shorter = short_side(order.resolution);
  switch (order.shape) {
    case Shape::wide:
      return of_ratio(shorter, 16, 9);
    case Shape::tall:
      return of_ratio(shorter, 9, 16);
    case Shape::square:
      return of_ratio(shorter, 1, 1);
    case Shape::first_frame:
      break;
  }
  if (!first_frame || first_frame->width == 0) return of_ratio(shorter, 16, 9);
  return of_ratio(shorter, first_frame->width, first_frame->height);
}

}  // namespace callsheet::local_gateway
