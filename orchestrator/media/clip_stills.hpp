#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace callsheet::media {

/// Frames of a clip as JPEG files. Each names, in a comment, the clip it was drawn from.
struct Stills {
  std::string poster;     ///< one frame, as large as the clip but at most 1920 by 1920
  std::string filmstrip;  ///< eight frames side by side, each within 320 by 160
};

/// A clip to draw stills of.
struct StillSource {
  std::filesystem::path file;
  std::chrono::milliseconds length{0};         ///< of its first minute eight frames are taken, evenly spaced
  int height = 0;                              ///< tells how its colours are meant, where the clip does not
  std::string sha256 = {};                     ///< what its stills name
  std::chrono::milliseconds patience{60'000};  ///< with each call of FFmpeg: a laden machine is no damage
};

/// The stills of a clip: those that look_at_clip() drew of it in this process and that nobody has taken yet,
/// else drawn now, for which FFmpeg decodes its first minute. Either may be missing where the clip is odd.
/// Of the eight frames the poster is the one that is most like all of them: neither the black one before a
/// fade nor the first, which all takes from one picture share. Blocking, for a second or two; any thread.
/// Empty: FFmpeg is not there, or made nothing of it.
[[nodiscard]] std::optional<Stills> take_stills(StillSource const& clip);
/// The same, of a clip that was looked at; never draws.
[[nodiscard]] std::optional<Stills> take_drawn_stills(std::string const& sha256);

/// What stands under the name of a still.
enum class StillState {
  missing,
  of_the_clip,  ///< whole, and drawn from that very clip
  outdated,     ///< a still of another clip, or what a crash left of one: a part, or nothing but zeros
  foreign,      ///< somebody else's file, or a link, wherever it leads
  unreadable,   ///< nobody can tell; errno tells why
};
/// `sha256`: of the clip. Reads a few bytes, as a rule. Blocking.
[[nodiscard]] StillState state_of_still(std::filesystem::path const& still, std::string const& sha256);

}  // namespace callsheet::media
