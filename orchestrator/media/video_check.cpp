#include "orchestrator/media/video_check.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/media/clip_check.hpp"
#include "orchestrator/media/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

namespace callsheet::media {

Result<VideoFacts> probe_video(std::string const& path) {
  if (auto const there = check_is_file(path); !there) return fail(there.error());
  Descriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return fail(Code::file_system, fmt::format("cannot read '{}'", path));
  auto const clip = probe_clip(file, path);
  if (!clip) return fail(Code::invalid_input, clip.error().what, "save the video again as MP4 (H.264)");
  Result<std::string> digest = sha256_of_file(path);
  if (!digest) return fail(digest.error());
  return VideoFacts{.size_bytes = clip->size_bytes,
                    .width = clip->width,
                    .height = clip->height,
                    .length = clip->length,
                    .longest = clip->longest,
                    .frames = clip->frames,
                    .digest = ContentDigest{*std::move(digest)}};
}

}  // namespace callsheet::media
