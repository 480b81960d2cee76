#pragma once

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>

// media/ looks at files: pictures that go to the gateway, clips that come from it. Both are foreign. It knows
// no network and no ledger.
namespace callsheet::media {

/// What a video file is, as its container says.
struct ClipFacts {
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};   ///< of the picture track
  std::chrono::milliseconds longest{0};  ///< of any track, or as the file itself says
  std::int64_t frames = 0;               ///< of the picture track; 0: it does not say
  bool has_sound = false;
};

/// Reads the boxes of an MP4 or MOV file: whether they fill the file exactly (a download that was cut off
/// does not), and what the tracks are. Nothing is decoded. Blocking. Fails with Code::bad_clip when it is no
/// whole video with a picture track. `path`: what errors call it.
[[nodiscard]] Result<ClipFacts> probe_clip(Descriptor const& file, std::filesystem::path const& path);

/// The same for bytes in memory. Pure.
[[nodiscard]] Result<ClipFacts> probe_clip(std::span<unsigned char const> bytes);

}  // namespace callsheet::media
