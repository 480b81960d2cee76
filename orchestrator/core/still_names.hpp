#pragma once

#include <filesystem>

// Stills stand beside a clip and bear its name: so that they are found with it, and moved with it. The name
// is a function of the clip's alone, and no two clips share one.
namespace callsheet {

/// "out/a.mp4" -> "out/a.poster.jpg": one frame that stands for the clip.
[[nodiscard]] inline std::filesystem::path poster_of(std::filesystem::path clip) {
  return clip.replace_extension(".poster.jpg");
}

/// "out/a.mp4" -> "out/a.filmstrip.jpg": a few frames of it, side by side.
[[nodiscard]] inline std::filesystem::path filmstrip_of(std::filesystem::path clip) {
  return clip.replace_extension(".filmstrip.jpg");
}

}  // namespace callsheet
