#include "tools/local_gateway/video_file.hpp"

#include "orchestrator/core/digest.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

/// What is documented for the models of one way to give a video.
struct VideoLimits {
  std::uint64_t bytes_max;
  int side_min, side_max;
  int fps_min = 0, fps_max = 0;  ///< 0: not stated
};

VideoLimits limits_of(ModelRules const& model) {
  if (model.has_orientation) return {100 * mib, 340, 3850};
  if (model.makes_elements) return {100 * mib, 720, 2160};
  if (model.video == VideoField::single) return {200 * mib, 720, 2160, 24, 60};
  return {100 * mib, 1, 100'000};
}

double number_in(json const& object, char const* name) {
  auto const found = object.find(name);
  if (found == object.end()) return 0;
  if (found->is_number()) return found->get<double>();
  return found->is_string() ? std::strtod(found->get_ref<std::string const&>().c_str(), nullptr) : 0;
}

/// "30000/1001" as 30; 0 when it says nothing.
int frame_rate(std::string const& ratio) {
  std::size_t const slash = ratio.find('/');
  if (slash == std::string::npos) return 0;
  double const frames = std::strtod(ratio.c_str(), nullptr);
  double const seconds = std::strtod(ratio.c_str() + slash + 1, nullptr);
  return seconds > 0 && frames / seconds < 10'000 ? static_cast<int>(std::lround(frames / seconds)) : 0;
}

/// Removes the probe's answer, whatever it says.
class Answer {
 public:
  explicit Answer(std::filesystem::path path) : path_{std::move(path)} {}
  ~Answer() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  Answer(Answer const&) = delete;
  Answer& operator=(Answer const&) = delete;
  [[nodiscard]] json read() const {
    std::ifstream in{path_};
    return json::parse(in, nullptr, false);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

bool looks_like_video(std::string_view bytes) {
  return bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp";
}

Result<VideoFile> identify_video(std::filesystem::path const& file, std::filesystem::path const& directory,
                                 ChildProcesses& children) {
  std::string const name = fmt::format("probe-{}.json", random_hex(8));
  Answer const answer{directory / name};
  Command command;
  command.directory = directory;
  // Format and protocol are named, so that a hostile file cannot choose its own reader.
  command.arguments = {"ffprobe",
                       "-v",
                       "error",
                       "-f",
                       "mov",
                       "-protocol_whitelist",
                       "file",
                       "-of",
                       "json",
                       "-o",
                       name,
                       "-show_entries",
                       "stream=codec_type,width,height,duration,avg_frame_rate:format=duration,size",
                       std::filesystem::absolute(file).string()};
  if (!children.run(command)) return fail(Code::invalid_input, "the video cannot be read");
  json const facts = answer.read();
  VideoFile video;
  std::error_code ignored;
  video.bytes = std::filesystem::file_size(file, ignored);
  double seconds = 0;
  if (facts.is_object() && facts.contains("streams"))
    for (json const& stream : facts.at("streams")) {
      std::string const type = stream.value("codec_type", "");
      if (type == "audio") video.has_sound = true;
      if (type != "video" || video.width > 0) continue;
      video.width = static_cast<int>(number_in(stream, "width"));
      video.height = static_cast<int>(number_in(stream, "height"));
      seconds = number_in(stream, "duration");
      video.fps = frame_rate(stream.value("avg_frame_rate", ""));
    }
  if (seconds <= 0 && facts.is_object() && facts.contains("format"))
    seconds = number_in(facts.at("format"), "duration");
  if (video.width <= 0 || !(seconds > 0) || seconds > 86'400)
    return fail(Code::invalid_input, "the video has no picture, or no length");
  video.length = std::chrono::milliseconds{std::llround(seconds * 1000)};
  return video;
}

std::optional<std::string> video_refused(VideoFile const& video, ModelRules const& model, bool facing_image) {
  VideoLimits const limits = limits_of(model);
  if (video.bytes > limits.bytes_max)
    return fmt::format("the video is larger than {} MB", limits.bytes_max / mib);
  int const longest = facing_image && model.video_seconds_facing_image > 0 ? model.video_seconds_facing_image
                                                                           : model.video_seconds_max;
  auto const ms = video.length.count();
  if (ms < model.video_seconds_min * 1000 || (longest > 0 && ms > longest * 1000))
    return fmt::format("the video is {:.2f} s long: it must be at least {} s{}",
                       static_cast<double>(ms) / 1000, model.video_seconds_min,
                       longest > 0 ? fmt::format(" and at most {} s", longest) : "");
  if (std::min(video.width, video.height) < limits.side_min ||
      std::max(video.width, video.height) > limits.side_max)
    return fmt::format("the video is {}x{}: its sides must be {} to {} px", video.width, video.height,
                       limits.side_min, limits.side_max);
  if (limits.fps_max > 0 && video.fps > 0 && (video.fps < limits.fps_min || video.fps > limits.fps_max))
    return fmt::format("the video has {} frames a second: it must have {} to {}", video.fps, limits.fps_min,
                       limits.fps_max);
  return std::nullopt;
}

}  // namespace callsheet::local_gateway
