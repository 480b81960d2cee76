#include "orchestrator/media/clip_order.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace callsheet::media {

namespace {

using std::chrono::milliseconds;

// What is darker or changes less is nothing, on a scale of 255: clips are encoded with a little noise.
constexpr int black_most = 12;
constexpr int still_most = 4;
constexpr milliseconds too_short_to_move{1000};

/// The frame a quality has its name from.
struct Frame {
  int longer = 0;
  int shorter = 0;
};

std::optional<Frame> frame_of(Quality quality) {
  switch (quality) {
    case Quality::p480:
      return Frame{854, 480};
    case Quality::p720:
      return Frame{1280, 720};
    case Quality::p768:
      return Frame{1366, 768};
    case Quality::p1080:
      return Frame{1920, 1080};
    case Quality::k2:
      return Frame{2048, 1080};
    case Quality::k4:
      return Frame{3840, 2160};
    case Quality::any:
      break;
  }
  return std::nullopt;
}

bool is_of_class(Measured const& clip, Frame const& frame) {
  std::int64_t const area = std::int64_t{clip.width} * clip.height;
  return std::min(clip.width, clip.height) * 100 >= frame.shorter * 95 ||
         std::max(clip.width, clip.height) * 100 >= frame.longer * 95 ||
         area * 100 >= std::int64_t{frame.longer} * frame.shorter * 90;
}

bool is_of_ratio(Measured const& clip, AspectRatio const& ratio) {
  std::int64_t const came = std::int64_t{clip.width} * ratio.height;
  std::int64_t const ordered = std::int64_t{clip.height} * ratio.width;
  return std::max(came, ordered) * 100 <= std::min(came, ordered) * 105;
}

/// As long as its video, not as the request says.
bool follows_video(Request const& request) {
  return request.mode == Mode::video_edit || request.mode == Mode::motion_control;
}

std::string in_seconds(milliseconds length) {
  return fmt::format("{}.{:02} s", length.count() / 1000, length.count() % 1000 / 10);
}

class Comparison {
 public:
  Comparison(Measured const& clip, Request const& request, Quality bought)
      : clip_{clip}, request_{request}, bought_{bought} {}

  std::vector<std::string> make() && {
    length();
    size();
    sound();
    if (clip_.look) pictures(*clip_.look);
    return std::move(told_);
  }

 private:
  void length() {
    bool const follows = follows_video(request_);
    if (follows && request_.video && request_.video->kind == MediaInput::Kind::url) return;
    milliseconds const off_by = std::chrono::abs(clip_.length - milliseconds{request_.duration});
    milliseconds const allowed{follows ? 1000 : 500};
    if (clip_.length.count() > 0 && off_by > allowed)
      tell("it is {} long, {} s were ordered", in_seconds(clip_.length), request_.duration.count());
  }

  void size() {
    if (clip_.width <= 0 || clip_.height <= 0) return;
    if (auto const frame = frame_of(bought_); frame && !is_of_class(clip_, *frame))
      tell("it is {}x{}, less than the {} that was ordered", clip_.width, clip_.height, to_string(bought_));
    // Beside a first frame models follow that, whatever ratio they were asked for.
    if (request_.aspect_ratio && !request_.image_start && !is_of_ratio(clip_, *request_.aspect_ratio))
      tell("it is {}x{}, which is not the ratio of {} that was ordered", clip_.width, clip_.height,
           to_string(*request_.aspect_ratio));
  }

  /// Sound where none was ordered is no fault: some models always make it, and take no word for it.
  void sound() {
    bool const silent = clip_.look && clip_.look->loudest && *clip_.look->loudest == 0;
    if (request_.sound == Sound::on && !clip_.has_sound)
      tell("it has no sound track, and sound was ordered");
    else if (request_.sound == Sound::on && silent && clip_.look->damage.empty())
      tell("its sound track is silent, and sound was ordered");
  }

  void pictures(ClipLook const& look) {
    if (!look.damage.empty()) return tell("it cannot be decoded whole: {}", look.damage);
    if (look.pictures == 0) return;
    if (look.brightest <= black_most && look.difference <= still_most)
      tell("it is black throughout: of {} pictures looked at none is brighter than {} of 255", look.pictures,
           look.brightest);
    else if (look.pictures > 1 && look.difference <= still_most && clip_.length > too_short_to_move)
      tell("hardly anything moves in it: {} pictures looked at differ by no more than {} of 255",
           look.pictures, look.difference);
  }

  template <class... Values>
  void tell(fmt::format_string<Values...> text, Values&&... values) {
    told_.push_back(fmt::format(text, std::forward<Values>(values)...));
  }

  Measured const& clip_;
  Request const& request_;
  Quality bought_;
  std::vector<std::string> told_;
};

}  // namespace

std::vector<std::string> differences(Measured const& clip, Request const& request, Quality bought) {
  return Comparison{clip, request, bought}.make();
}

}  // namespace callsheet::media
