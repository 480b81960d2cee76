#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace callsheet {

enum class ImageFormat { jpeg, png, webp, other };

/// What a picture file is, read from its content, not its name.
struct ImageFacts {
  ImageFormat format = ImageFormat::other;
  std::uint64_t size_bytes = 0;
  int width = 0;  ///< 0: not known, as of all WebP
  int height = 0;
  ContentDigest digest;
};

/// What a video file that goes to the gateway is, read from its content.
struct VideoFacts {
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};   ///< of the picture
  std::chrono::milliseconds longest{0};  ///< of any track, or as the file itself says: at least `length`
  std::int64_t frames = 0;               ///< 0: not known
  ContentDigest digest;
};

/// How planning learns of pictures and videos without knowing files: media/ implements it, tests make it up.
/// Both fail with Code::not_found, file_system or invalid_input. May block.
using ImageProbe = std::function<Result<ImageFacts>(std::string const& path)>;
using VideoProbe = std::function<Result<VideoFacts>(std::string const& path)>;
struct MediaProbes {
  ImageProbe image;
  VideoProbe video;
};

}  // namespace callsheet
