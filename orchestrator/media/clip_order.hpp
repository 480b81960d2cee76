#pragma once

#include "orchestrator/core/request.hpp"
#include "orchestrator/media/clip_look.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::media {

/// A clip as measured; 0: not known.
struct Measured {
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};  ///< of the picture
  bool has_sound = false;
  std::optional<ClipLook> look = {};  ///< empty: nobody looked
};

/// In what a clip is not what was ordered at that quality, as sentences without a full stop; empty: in
/// nothing. A clip may be off by what models are known to be off by, and is told only of what was paid for:
///
/// - Length: half a second, since the gateway's own bills round to whole seconds half up. A clip that is as
///   long as its input video: one second, for that is ordered in rounded seconds already; nothing is known
///   of a video behind a URL.
/// - Size: at least of its class, by a side (95 %) or by its area (90 %), as models count in one or the
/// other;
///   larger is no fault. Ratio: 5 %, since sides are multiples of 8 or 16.
/// - Sound: a track that can be heard where sound was ordered, nothing to hear where it was not.
/// - Something to see, and some movement in it.
///
/// Pure.
[[nodiscard]] std::vector<std::string> differences(Measured const& clip, Request const& request,
                                                   Quality bought);

}  // namespace callsheet::media
