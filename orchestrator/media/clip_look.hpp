#pragma once

#include "orchestrator/media/clip_stills.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace callsheet::media {

/// What is seen and heard of a clip, on a scale from 0 to 255.
struct ClipLook {
  int pictures = 0;    ///< looked at: four for each second that was decoded
  int brightest = 0;   ///< the brightest spot of any of them; 0: black
  int difference = 0;  ///< the most that any spot changes from the first of them; 0: they are the same
  std::optional<int> loudest = {};  ///< the highest peak of the sound track; 0: silence; empty: it has none
  std::string damage = {};          ///< why it could not be decoded, in FFmpeg's words; empty: it could
};

/// Decodes the beginning of a clip, and the rest of it (the first minute) only where that shows nothing, no
/// movement or no sound: what moves once is not frozen. FFmpeg does it in a process of its own, which gets no
/// environment: decoders are large, and the bytes are foreign. Blocking, for a few tenths of a second as a
/// rule; any thread. The same bytes are looked at once, by their digest `sha256` (empty: not known). Empty:
/// no FFmpeg, or it took too long, or the clip's frames are larger than those of 8K.
[[nodiscard]] std::optional<ClipLook> look_at_clip(std::filesystem::path const& file, bool has_sound,
                                                   std::string const& sha256);

/// Whether stills are drawn from what is decoded anyway.
enum class Drawing { none, stills };
/// The same, and with Drawing::stills take_stills() has the clip's at hand: then all of its first minute is
/// decoded, once, and what nothing builds upon is left out. Where they cannot be drawn it is looked at
/// without.
[[nodiscard]] std::optional<ClipLook> look_at_clip(StillSource const& clip, bool has_sound, Drawing drawing);

/// Whether there is an FFmpeg to look with.
[[nodiscard]] bool can_look_at_clips();

}  // namespace callsheet::media
