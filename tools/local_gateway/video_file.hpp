#pragma once

#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/child_processes.hpp"
#include "tools/local_gateway/model_rules.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet::local_gateway {

/// What FFmpeg says of an MP4 or MOV.
struct VideoFile {
  std::uint64_t bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};
  int fps = 0;  ///< rounded; 0: not known
  bool has_sound = false;
};

/// By content, never by name.
[[nodiscard]] bool looks_like_video(std::string_view bytes);

/// Blocking: a probe runs in `directory`. Fails with Code::invalid_input when it is no whole video.
[[nodiscard]] Result<VideoFile> identify_video(std::filesystem::path const& file,
                                               std::filesystem::path const& directory,
                                               ChildProcesses& children);

/// Why `video` cannot be what `model` is given; empty when it can (gateway-api.md section 4).
[[nodiscard]] std::optional<std::string> video_refused(VideoFile const& video, ModelRules const& model,
                                                       bool facing_image);

}  // namespace callsheet::local_gateway
