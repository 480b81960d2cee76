#include "orchestrator/media/clip_look.hpp"

#include "orchestrator/media/ffmpeg.hpp"
#include "orchestrator/media/still_drawing.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace callsheet::media {

namespace {

using std::chrono::seconds;

constexpr int pictures_a_second = 4;
constexpr std::size_t side =
    96;  // of a picture as it is looked at: each spot is many pixels, and noise evens out
constexpr int samples_a_second = 8000;
constexpr std::string_view sound_bytes_most = "8388608";  // a minute of eight channels
constexpr seconds beginning{2};
constexpr seconds most_of_a_clip{60};
// What is still or dark gets the second, longer look.
constexpr int moves = 7;
constexpr int shows = 24;
constexpr int sounds = 1;
constexpr int heard_least = 3;  // of 32768, some -80 dB

/// What is looked at of the picture: FFmpeg's filters, without where they begin and end.
std::string look_filters() {
  return fmt::format("fps={},scale={}:{}:flags=area,format=gray", pictures_a_second, side, side);
}

void add_look_outputs(FfmpegCall& call, std::initializer_list<std::string> pictures, bool has_sound) {
  std::string const pictures_place = call.add_output();
  call.add(pictures);
  call.add({"-f", "rawvideo", pictures_place});
  if (!has_sound) return;
  std::string const sound_place = call.add_output();
  // Its channels stay apart: two of them may cancel each other out.
  call.add({"-map", "0:a:0", "-ar", fmt::to_string(samples_a_second), "-fs", std::string{sound_bytes_most},
            "-f", "s16le", sound_place});
}

void see(std::string const& pictures, ClipLook& look) {
  constexpr std::size_t size = side * side;
  auto const spot = [&](std::size_t at) {
    return static_cast<int>(static_cast<unsigned char>(pictures[at]));
  };
  std::size_t const whole = pictures.size() / size * size;
  look.pictures = static_cast<int>(whole / size);
  for (std::size_t at = 0; at < whole; ++at) {
    look.brightest = std::max(look.brightest, spot(at));
    look.difference = std::max(look.difference, std::abs(spot(at) - spot(at % size)));
  }
}

/// The highest peak of 16-bit samples of whatever channel, on the scale of a byte; 0 where nobody hears it.
int peak_of(std::string const& sound) {
  int peak = 0;
  for (std::size_t at = 0; at + 1 < sound.size(); at += 2) {
    auto const low = static_cast<unsigned char>(sound[at]);
    auto const high = static_cast<unsigned char>(sound[at + 1]);
    peak = std::max(peak, std::abs(static_cast<int>(static_cast<std::int16_t>(low | high << 8))));
  }
  return peak < heard_least ? 0 : std::max(1, peak * 255 / 32768);
}

/// FFmpeg's first line, without what differs from time to time or tells of this machine's folders.
std::string first_line(std::string text, std::filesystem::path const& file) {
  constexpr std::size_t most = 200;
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.starts_with('['))
    if (std::size_t const end = text.find("] "); end != std::string::npos) text.erase(0, end + 2);
  std::string const name = std::filesystem::absolute(file).string();
  for (std::size_t at = 0; (at = text.find(name)) != std::string::npos;)
    text.replace(at, name.size(), "the clip");
  text.resize(std::min(most, text.size()));
  return text;
}

/// Whether FFmpeg speaks of the clip, and not of itself: a library or a decoder it lacks, memory, rights, or
/// that we told it not to.
bool is_of_the_clip(std::string const& words, ClipLook const& look) {
  for (std::string_view const own :
       {"Decoder (codec", "no decoder found", "Cannot allocate memory", "ould not allocate memory",
        "get_buffer() failed", "max pixel count", "Permission denied", "No such file", "error while loading"})
    if (words.find(own) != std::string::npos) return false;
  if (look.pictures > 0) return !words.empty();
  for (std::string_view const damage :
       {"Invalid", "orrupt", "error while decoding", "missing picture", "moov atom"})
    if (words.find(damage) != std::string::npos) return true;
  return false;
}

/// What came at the outputs of the look.
ClipLook look_from(FfmpegCall const& call, bool has_sound) {
  ClipLook look;
  see(call.output(0), look);
  if (has_sound) look.loudest = peak_of(call.output(1));
  return look;
}

std::optional<ClipLook> decode(StillSource const& clip, bool has_sound, seconds length) {
  FfmpegCall call{clip.file, {"-xerror", "-t", fmt::to_string(length.count())}};
  add_look_outputs(call, {"-map", "0:v:0", "-vf", look_filters()}, has_sound);
  std::optional<int> const status = call.run(clip.patience);
  if (!status) return std::nullopt;
  ClipLook look = look_from(call, has_sound);
  if (*status == 0) return look;
  constexpr int not_started = 126;  // or 127: as a shell tells
  std::string const words = call.words();
  if (*status >= not_started || !is_of_the_clip(words, look)) return std::nullopt;
  look.damage = first_line(words, clip.file);
  return look;
}

struct DrawnLook {
  std::optional<ClipLook> look = {};
  bool timed_out = false;
};

/// The look and the stills from one decoding. Without a look where anything is odd: stills are no reason to
/// think ill of a clip, so it is then looked at without them.
DrawnLook decode_and_draw(StillSource const& clip, bool has_sound) {
  FfmpegCall call = call_to_draw(clip);
  call.add({"-xerror", "-filter_complex",
            fmt::format("[0:v:0]split[seen][drawn];[seen]{}[pictures];{}", look_filters(),
                        still_graph("[drawn]", clip))});
  add_look_outputs(call, {"-map", "[pictures]"}, has_sound);
  add_still_outputs(call);
  std::optional<int> const status = call.run(clip.patience);
  if (!status || *status != 0) return {.timed_out = call.timed_out()};
  ClipLook const look = look_from(call, has_sound);
  if (look.pictures == 0) return {};
  if (auto stills = stills_from(call, has_sound ? 2 : 1, clip))
    keep_drawn_stills(clip.sha256, *std::move(stills));
  return {.look = look};
}

bool is_suspicious(ClipLook const& look) {
  return look.brightest < shows || look.difference < moves || (look.loudest && *look.loudest < sounds) ||
         !look.damage.empty();
}

std::optional<ClipLook> look_anew(StillSource const& clip, bool has_sound, Drawing drawing) {
  if (drawing == Drawing::stills && !clip.sha256.empty()) {
    DrawnLook drawn = decode_and_draw(clip, has_sound);
    // What has kept FFmpeg busy for so long is not given to it again: others wait for this thread.
    if (drawn.look || drawn.timed_out) return std::move(drawn.look);
  }
  std::optional<ClipLook> const first = decode(clip, has_sound, beginning);
  return first && is_suspicious(*first) ? decode(clip, has_sound, most_of_a_clip) : first;
}

/// What clips showed, by their content: the local gateway gives the same few of them thousands of times.
class Memory {
 public:
  std::optional<ClipLook> find(std::string const& content) {
    std::lock_guard const lock{mutex_};
    auto const found = looks_.find(content);
    return found == looks_.end() ? std::nullopt : std::optional{found->second};
  }
  void keep(std::string const& content, ClipLook const& look) {
    constexpr std::size_t most = 1000;
    std::lock_guard const lock{mutex_};
    if (looks_.size() < most) looks_[content] = look;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, ClipLook> looks_;
};

}  // namespace

std::optional<ClipLook> look_at_clip(StillSource const& clip, bool has_sound, Drawing drawing) {
  static Memory memory;
  if (clip.sha256.empty()) return look_anew(clip, has_sound, drawing);
  if (auto known = memory.find(clip.sha256)) return known;
  std::optional<ClipLook> look = look_anew(clip, has_sound, drawing);
  if (look) memory.keep(clip.sha256, *look);
  return look;
}

std::optional<ClipLook> look_at_clip(std::filesystem::path const& file, bool has_sound,
                                     std::string const& sha256) {
  return look_at_clip({.file = file, .length = {}, .height = 0, .sha256 = sha256}, has_sound, Drawing::none);
}

bool can_look_at_clips() {
  char const* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    std::string_view const folder = rest.substr(0, rest.find(':'));
    if (::access(fmt::format("{}/ffmpeg", folder).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
  }
  return false;
}

}  // namespace callsheet::media
