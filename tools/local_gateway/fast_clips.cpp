#include "tools/local_gateway/fast_clips.hpp"

#include "orchestrator/core/digest.hpp"

#include <algorithm>
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

/// The clip as it comes, whatever was ordered.
ClipClass as_made(ClipClass kind) {
  constexpr int shortest_side = 16;
  if (kind.flaw == Fault::clips_short) kind.seconds = std::max(1, kind.seconds / 2);
  if (kind.flaw == Fault::clips_soundless) kind.sound = false;
  if (kind.flaw == Fault::clips_small)
    for (int* const side : {&kind.size.width, &kind.size.height})
      *side = std::max(*side / 4 * 2, shortest_side);
  return kind;
}

/// FFmpeg's source of its pictures.
std::string picture_of(ClipClass const& kind) {
  std::string const form = fmt::format("r=4:d={}", kind.seconds);
  bool const black = kind.flaw == Fault::clips_black;
  std::string const ground = fmt::format("color=c={}:s={}x{}:{}", black ? "black" : "0x2b4c6f",
                                         kind.size.width, kind.size.height, form);
  if (black || kind.flaw == Fault::clips_frozen) return ground;
  int const square = std::max(16, std::min(kind.size.width, kind.size.height) / 8 / 2 * 2);
  return fmt::format(
      "{}[ground];color=c=0xd0d8e0:s={}x{}:{}[square];[ground][square]overlay="
      "x='mod(n*{},W-w)':y=(H-h)/2:shortest=1",
      ground, square, square, form, square / 2);
}

Command command_for(ClipClass const& ordered, std::filesystem::path const& directory,
                    std::string const& output) {
  ClipClass const kind = as_made(ordered);
  Command command;
  command.directory = directory;
  command.arguments = {"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin",
                       "-y",     "-f",           "lavfi",     "-i",    picture_of(kind)};
  auto const add = [&](std::initializer_list<std::string> more) {
    command.arguments.insert(command.arguments.end(), more);
  };
  std::string const seconds = std::to_string(kind.seconds);
  std::string const sound =
      kind.flaw == Fault::clips_mute ? "anullsrc=r=48000:cl=stereo" : "sine=f=110:r=48000";
  if (kind.sound) add({"-f", "lavfi", "-i", sound, "-c:a", "aac", "-b:a", "32k"});
  add({"-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p", "-t", seconds,
       "-threads", "1", "-movflags", "+faststart", output});
  return command;
}

}  // namespace

std::filesystem::path fast_clip_file(ClipClass const& kind, std::filesystem::path const& directory) {
  return directory / fmt::format("{}x{}-{}s{}{}.mp4", kind.size.width, kind.size.height, kind.seconds,
                                 kind.sound ? "-sound" : "",
                                 kind.flaw ? fmt::format("-{}", to_string(*kind.flaw)) : "");
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
