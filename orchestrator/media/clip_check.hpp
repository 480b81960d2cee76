#pragma once

#include "orchestrator/core/result.hpp"

#include <chrono>
#include <filesystem>

namespace callsheet::media {

/// What a video file is, as its container says.
struct ClipFacts {
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};
  bool has_sound = false;
};

/// Opens the file with FFmpeg's demuxers (local file protocol only: the content is foreign) and reads its
/// header. Blocking. Fails with Code::bad_clip when it is no whole video with a picture track.
[[nodiscard]] Result<ClipFacts> probe_clip(std::filesystem::path const& path);

}  // namespace callsheet::media
