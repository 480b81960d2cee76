#pragma once

#include "orchestrator/media/clip_stills.hpp"
#include "orchestrator/media/ffmpeg.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// Private to media/: stills as a part of one call of FFmpeg, so that what decodes a clip for another reason
// draws them from the same frames.
namespace callsheet::media {

/// How a clip is read that is drawn: its first minute, without the frames that no other one builds upon. That
/// halves the work, and there are enough without them.
[[nodiscard]] FfmpegCall call_to_draw(StillSource const& clip);

/// A filter graph from `source` ("[0:v:0]") to [poster] and [filmstrip].
[[nodiscard]] std::string still_graph(std::string_view source, StillSource const& clip);
/// Adds the outputs for these two, poster first.
void add_still_outputs(FfmpegCall& call);
/// What came there; `first`: the number of the poster's output.
[[nodiscard]] std::optional<Stills> stills_from(FfmpegCall const& call, std::size_t first,
                                                StillSource const& clip);

/// Keeps them for take_stills(): a few of the latest.
void keep_drawn_stills(std::string const& sha256, Stills stills);

}  // namespace callsheet::media
