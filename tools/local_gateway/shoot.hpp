#pragma once

#include "tools/local_gateway/fault_draw.hpp"
#include "tools/local_gateway/frame_size.hpp"
#include "tools/local_gateway/image_file.hpp"
#include "tools/local_gateway/order.hpp"
#include "tools/local_gateway/video_file.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace callsheet::local_gateway {

/// A picture of ours on disk.
struct StillImage {
  std::filesystem::path path;
  ImageFile facts;
};

/// A video of ours on disk.
struct FilmedVideo {
  std::filesystem::path path;
  VideoFile facts;
};

/// One clip to be made.
struct Shoot {
  std::string task_id;
  Order order;
  std::optional<StillImage> start;  ///< empty: painted backdrops
  std::optional<StillImage> end;
  std::optional<FilmedVideo> video;  ///< then the clip shows it, and `start` in a corner
  std::optional<Fault> flaw;         ///< what is wrong with the clip, on purpose
};

[[nodiscard]] inline FrameSize size_of(Shoot const& shoot) {
  std::optional<FrameSize> source;
  if (shoot.video)
    source = FrameSize{shoot.video->facts.width, shoot.video->facts.height};
  else if (shoot.start)
    source = FrameSize{shoot.start->facts.width, shoot.start->facts.height};
  return frame_size(shoot.order, source);
}

}  // namespace callsheet::local_gateway
