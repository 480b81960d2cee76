#pragma once

#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/child_processes.hpp"
#include "tools/local_gateway/fault_draw.hpp"
#include "tools/local_gateway/frame_size.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace callsheet::local_gateway {

/// Everything that tells two clips of the fast profile apart, as ordered.
struct ClipClass {
  FrameSize size;
  int seconds = 5;
  bool sound = false;
  std::optional<Fault> flaw{};  ///< in which the clip differs from that
  friend auto operator<=>(ClipClass const&, ClipClass const&) = default;
};

/// Where the clip of that class is kept, once made.
[[nodiscard]] std::filesystem::path fast_clip_file(ClipClass const& kind,
                                                   std::filesystem::path const& directory);

/// A whole MP4 of that class: a square that moves over one colour, 4 frames a second, a few kilobytes; with
/// sound a low tone. Made in `directory` on first use and kept there. Blocking.
[[nodiscard]] Result<std::shared_ptr<std::string const>> fast_clip(ClipClass const& kind,
                                                                   std::filesystem::path const& directory,
                                                                   ChildProcesses& children);

}  // namespace callsheet::local_gateway
