#include "orchestrator/media/clip_check.hpp"

#include <array>
#include <fstream>
#include <memory>
#include <string_view>

#include <fmt/format.h>

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/log.h>
}

namespace callsheet::media {

namespace {

struct CloseInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using Input = std::unique_ptr<AVFormatContext, CloseInput>;

tl::unexpected<Error> bad_clip(std::filesystem::path const& path, std::string const& why) {
  return fail(Code::bad_clip, fmt::format("'{}' is not a whole video: {}", path.filename().string(), why));
}

std::string message_of(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

/// MP4 announces itself; asking every demuxer whether it knows the file costs more than reading it.
AVInputFormat const* format_of(std::filesystem::path const& path) {
  std::array<char, 8> head{};
  std::ifstream{path, std::ios::binary}.read(head.data(), head.size());
  bool const is_mp4 = std::string_view{head.data() + 4, 4} == "ftyp";
  return is_mp4 ? av_find_input_format("mp4") : nullptr;
}

Result<Input> open(std::filesystem::path const& path) {
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* context = nullptr;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm", 0);
  std::string const url = "file:" + path.string();
  int const error = avformat_open_input(&context, url.c_str(), format_of(path), &options);
  av_dict_free(&options);
  if (error < 0) return bad_clip(path, message_of(error));
  return Input{context};
}

std::chrono::milliseconds length_of(AVFormatContext const& input, AVStream const& video) {
  if (video.duration != AV_NOPTS_VALUE)
    return std::chrono::milliseconds{av_rescale_q(video.duration, video.time_base, AVRational{1, 1000})};
  if (input.duration != AV_NOPTS_VALUE)
    return std::chrono::milliseconds{input.duration / (AV_TIME_BASE / 1000)};
  return std::chrono::milliseconds{0};
}

}  // namespace

Result<ClipFacts> probe_clip(std::filesystem::path const& path) {
  std::error_code error;
  ClipFacts facts{.size_bytes = std::filesystem::file_size(path, error)};
  if (error)
    return fail(Code::file_system, fmt::format("cannot read '{}': {}", path.string(), error.message()));
  Result<Input> input = open(path);
  if (!input) return fail(input.error());
  AVStream const* video = nullptr;
  for (unsigned i = 0; i < (*input)->nb_streams; ++i) {
    AVStream const* stream = (*input)->streams[i];
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && video == nullptr) video = stream;
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) facts.has_sound = true;
  }
  if (video == nullptr) return bad_clip(path, "it has no picture track");
  facts.width = video->codecpar->width;
  facts.height = video->codecpar->height;
  facts.length = length_of(**input, *video);
  if (facts.width <= 0 || facts.height <= 0) return bad_clip(path, "its picture has no size");
  return facts;
}

}  // namespace callsheet::media
