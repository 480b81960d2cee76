#include "tools/local_gateway/fast_clips.hpp"

#include "orchestrator/core/digest.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace {

std::shared_ptr<std::string const> content(std::filesystem::path const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return nullptr;
  return std::make_shared<std::string const>(std::istreambuf_iterator<char>{file},
                                             std::istreambuf_iterator<char>{});
}

Command command_for(ClipClass const& kind, std::filesystem::path const& directory,
                    std::string const& output) {
  Command command;
  command.directory = directory;
  command.arguments = {
      "ffmpeg",
      "-hide_banner",
      "-loglevel",
      "error",
      "-nostdin",
      "-y",
      "-f",
      "lavfi",
      "-i",
      fmt::format("color=c=0x2b4c6f:s={}x{}:r=4:d={}", kind.size.width, kind.size.height, kind.seconds)};
  auto const add = [&](std::initializer_list<std::string> more) {
    command.arguments.insert(command.arguments.end(), more);
  };
  std::string const seconds = std::to_string(kind.seconds);
  if (kind.sound) add({"-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-c:a", "aac", "-b:a", "32k"});
  add({"-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p", "-t", seconds,
       "-threads", "1", "-movflags", "+faststart", output});
  return command;
}

}  // namespace

std::filesystem::path fast_clip_file(ClipClass const& kind, std::filesystem::path const& directory) {
  return directory / fmt::format("{}x{}-{}s{}.mp4", kind.size.width, kind.size.height, kind.seconds,
                                 kind.sound ? "-sound" : "");
}

Result<std::shared_ptr<std::string const>> fast_clip(ClipClass const& kind,
                                                     std::filesystem::path const& directory,
                                                     ChildProcesses& children) {
  std::filesystem::path const path = fast_clip_file(kind, directory);
  if (auto bytes = content(path)) return bytes;
  std::string const unfinished = fmt::format("{}.{}.tmp.mp4", path.stem().string(), random_hex(4));
  if (Result<void> const made = children.run(command_for(kind, directory, unfinished)); !made)
    return fail(made.error());
  std::error_code error;
  std::filesystem::rename(directory / unfinished, path, error);
  if (auto bytes = error ? nullptr : content(path)) return bytes;
  return fail(Code::file_system, fmt::format("cannot keep {}", path.string()));
}

}  // namespace callsheet::local_gateway
