#include "orchestrator/media/clip_stills.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/media/still_drawing.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callsheet::media {

namespace {

using namespace std::string_view_literals;

constexpr int still_frames = 8;
constexpr std::chrono::milliseconds drawn_at_most{60'000};
constexpr int high_definition = 720;

// A JPEG file as FFmpeg writes it: its start, the JFIF segment, and then whatever else.
constexpr std::string_view jpeg_beginning = "\xFF\xD8\xFF\xE0\0\x10JFIF\0"sv;
constexpr std::size_t comment_at = 20;
constexpr std::string_view jpeg_ending = "\xFF\xD9"sv;
// The comment that tells a still of ours, and of which clip it is.
constexpr std::string_view still_mark = "callsheet still 1 "sv;

std::string comment_for(std::string const& sha256) {
  std::size_t const length = 2 + still_mark.size() + sha256.size();
  std::string comment = "\xFF\xFE";
  comment += static_cast<char>(length >> 8U);
  comment += static_cast<char>(length & 0xFFU);
  comment += still_mark;
  comment += sha256;
  return comment;
}

/// Empty when that is no whole JPEG file.
std::string with_comment(std::string jpeg, std::string const& sha256) {
  if (jpeg.size() <= comment_at || !jpeg.starts_with(jpeg_beginning) || !jpeg.ends_with(jpeg_ending))
    return {};
  jpeg.insert(comment_at, comment_for(sha256));
  return jpeg;
}

/// Stills that were drawn and not taken yet, by the clip's digest; the oldest go when it is too much. A run
/// takes them as its clips come to their places.
class Shelf {
 public:
  void keep(std::string const& sha256, Stills stills) {
    std::lock_guard const lock{mutex_};
    bytes_ += size_of(stills);
    kept_.emplace_back(sha256, std::move(stills));
    while (bytes_ > bytes_most) {
      bytes_ -= size_of(kept_.front().second);
      kept_.pop_front();
    }
  }
  std::optional<Stills> take(std::string const& sha256) {
    std::lock_guard const lock{mutex_};
    auto const found =
        std::find_if(kept_.begin(), kept_.end(), [&](auto const& one) { return one.first == sha256; });
    if (found == kept_.end()) return std::nullopt;
    Stills stills = std::move(found->second);
    bytes_ -= size_of(stills);
    kept_.erase(found);
    return stills;
  }

 private:
  static constexpr std::size_t bytes_most = std::size_t{32} << 20U;
  static std::size_t size_of(Stills const& stills) { return stills.poster.size() + stills.filmstrip.size(); }

  std::mutex mutex_;
  std::deque<std::pair<std::string, Stills>> kept_;
  std::size_t bytes_ = 0;
};

Shelf& shelf() {
  static Shelf drawn;
  return drawn;
}

/// Nothing, or nothing but zeros: no work of anybody. What is larger than any still is not read for that.
bool is_zeros(Descriptor const& file) {
  constexpr off_t still_bytes_most = off_t{16} << 20U;
  std::array<char, 65536> piece{};
  for (off_t at = 0; at <= still_bytes_most;) {
    ssize_t const got = ::pread(file.number(), piece.data(), piece.size(), at);
    if (got <= 0) return got == 0;
    if (std::any_of(piece.begin(), piece.begin() + got, [](char c) { return c != '\0'; })) return false;
    at += got;
  }
  return false;
}

}  // namespace

FfmpegCall call_to_draw(StillSource const& clip) {
  // JPEG has one meaning of its colours and video two; a clip that does not say which it uses is shown by
  // browsers according to its height. What the clip says goes before this.
  return {clip.file,
          {"-t", fmt::to_string(drawn_at_most.count() / 1000), "-skip_frame:v", "noref", "-colorspace:v",
           clip.height < high_definition ? "smpte170m" : "bt709"}};
}

std::string still_graph(std::string_view source, StillSource const& clip) {
  constexpr std::string_view as_jpeg = "out_color_matrix=bt601:out_range=pc,format=yuvj420p";
  double const seconds = static_cast<double>(std::min(clip.length, drawn_at_most).count()) / 1000;
  return fmt::format(
      // Shrunk before any is chosen: until then all eight are kept, at three bytes a pixel.
      "{0}select='lt(selected_n,{1})*gte(t,(selected_n+0.5)*{2:.3f}/{1})',"
      "scale=w='max(2,trunc(min(min(1920,iw*sar),1920*dar)))':h='max(2,round(ow/dar))',setsar=1,split[few][row];"
      "[few]thumbnail={1},scale={3}[poster];"
      "[row]scale=w='max(2,trunc(min(320,160*dar)/2)*2)':h='max(2,trunc(min(160,320/dar)/2)*2)':flags=area:"
      "{3},setsar=1,tile={1}x1[filmstrip]",
      source, still_frames, seconds, as_jpeg);
}

void add_still_outputs(FfmpegCall& call) {
  for (auto const& [name, quality] : {std::pair{"[poster]", "3"}, {"[filmstrip]", "4"}}) {
    std::string const place = call.add_output();
    call.add({"-map", name, "-q:v", quality, "-frames:v", "1", "-flags", "+bitexact", "-f", "mjpeg", place});
  }
}

std::optional<Stills> stills_from(FfmpegCall const& call, std::size_t first, StillSource const& clip) {
  Stills stills{.poster = with_comment(call.output(first), clip.sha256),
                .filmstrip = with_comment(call.output(first + 1), clip.sha256)};
  if (stills.poster.empty() && stills.filmstrip.empty()) return std::nullopt;
  return stills;
}

void keep_drawn_stills(std::string const& sha256, Stills stills) {
  shelf().keep(sha256, std::move(stills));
}

std::optional<Stills> take_drawn_stills(std::string const& sha256) {
  return shelf().take(sha256);
}

std::optional<Stills> take_stills(StillSource const& clip) {
  if (auto drawn = take_drawn_stills(clip.sha256)) return drawn;
  FfmpegCall call = call_to_draw(clip);
  call.add({"-filter_complex", still_graph("[0:v:0]", clip)});
  add_still_outputs(call);
  // Whatever it says of the clip: what it drew until then is good.
  if (!call.run(clip.patience)) return std::nullopt;
  return stills_from(call, 0, clip);
}

StillState state_of_still(std::filesystem::path const& still, std::string const& sha256) {
  struct stat status = {};
  if (::lstat(still.c_str(), &status) != 0)
    return errno == ENOENT ? StillState::missing : StillState::unreadable;
  if (!S_ISREG(status.st_mode)) return StillState::foreign;
  Descriptor const file{::open(still.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)};
  if (!file) return StillState::unreadable;
  std::string const comment = comment_for(sha256);
  std::string head(comment_at + comment.size(), '\0');
  ssize_t const got = ::pread(file.number(), head.data(), head.size(), 0);
  if (got < 0) return StillState::unreadable;
  head.resize(static_cast<std::size_t>(got));
  std::string_view const marked = head.size() > comment_at ? std::string_view{head}.substr(comment_at) : "";
  bool const ours = head.starts_with(jpeg_beginning) && marked.substr(0, 2) == comment.substr(0, 2) &&
                    marked.substr(std::min<std::size_t>(4, marked.size())).starts_with(still_mark);
  // A machine that lost power may have left the name and none of the content, or zeros.
  if (!ours) return is_zeros(file) ? StillState::outdated : StillState::foreign;
  std::array<char, jpeg_ending.size()> tail{};
  bool const whole =
      ::pread(file.number(), tail.data(), tail.size(), status.st_size - static_cast<off_t>(tail.size())) ==
          ssize_t{jpeg_ending.size()} &&
      std::string_view{tail.data(), tail.size()} == jpeg_ending;
  return whole && marked == comment ? StillState::of_the_clip : StillState::outdated;
}

}  // namespace callsheet::media
