#include "orchestrator/media/video_check.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/media/clip_check.hpp"

#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>

namespace callsheet::media {

Result<VideoFacts> probe_video(std::string const& path) {
  std::error_code error;
  auto const status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return fail(Code::not_found, fmt::format("there is no file '{}'", path));
  if (!std::filesystem::is_regular_file(status))
    return fail(Code::invalid_input, fmt::format("'{}' is not a file", path));
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
