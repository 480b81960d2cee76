#include "orchestrator/media/clip_order.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace callsheet;
using namespace std::chrono_literals;
using media::ClipLook;
using media::Measured;

namespace {

std::string told(Measured const& clip, Request const& request, Quality bought = Quality::p720) {
  return fmt::format("{}", fmt::join(media::differences(clip, request, bought), "; "));
}

Measured sized(int width, int height) {
  return {.width = width, .height = height, .length = 5s};
}

Measured seen(ClipLook look, bool has_sound = false) {
  return {.width = 1280, .height = 720, .length = 5s, .has_sound = has_sound, .look = std::move(look)};
}

}  // namespace

TEST_CASE("clip: a length that the gateway's own bill would round to another is not what was ordered") {
  struct Case {
    std::chrono::milliseconds came;
    char const* told;
  };
  for (Case const& c : {Case{5000ms, ""}, Case{5041ms, ""}, Case{4500ms, ""}, Case{5500ms, ""}, Case{0ms, ""},
                        Case{4499ms, "it is 4.49 s long, 5 s were ordered"},
                        Case{10041ms, "it is 10.04 s long, 5 s were ordered"}}) {
    CAPTURE(c.came.count());
    CHECK(told({.width = 1280, .height = 720, .length = c.came}, Request{}) == c.told);
  }
}

TEST_CASE("clip: one that follows a video is as long as that, give or take its rounding") {
  Request request;
  request.mode = Mode::video_edit;
  request.duration = 7s;
  request.video = MediaInput{.kind = MediaInput::Kind::file, .location = "/a.mp4", .digest = {}};
  CHECK(told({.width = 1280, .height = 720, .length = 6000ms}, request).empty());
  CHECK(told({.width = 1280, .height = 720, .length = 5999ms}, request) ==
        "it is 5.99 s long, 7 s were ordered");
  request.video->kind = MediaInput::Kind::url;
  CHECK(told({.width = 1280, .height = 720, .length = 3000ms}, request).empty());
}

TEST_CASE(
    "clip: the sizes that models are known to make are of their class, those of the class below are not") {
  struct Case {
    int width, height;
    Quality ordered;
    bool is_less;
  };
  using enum Quality;
  for (Case const& c : {
           Case{1280, 720, p720, false},   Case{720, 1280, p720, false},   Case{720, 720, p720, false},
           Case{960, 960, p720, false},   // as many pixels as 16:9
           Case{1504, 640, p720, false},  // 21:9, as many pixels
           Case{1248, 704, p720, false},  // multiples of 32
           Case{1280, 512, p720, false},  // 2.5:1, as wide
           Case{864, 480, p480, false},    Case{960, 416, p480, false},    Case{640, 640, p480, false},
           Case{1366, 768, p768, false},   Case{1920, 1088, p1080, false}, Case{2176, 928, p1080, false},
           Case{1440, 1440, p1080, false}, Case{2560, 1440, k2, false},    Case{2048, 1152, k2, false},
           Case{3840, 2160, k4, false},    Case{1920, 1080, p720, false},  Case{160, 90, any, false},
           Case{0, 0, p1080, false},       Case{1280, 720, p1080, true},   Case{960, 960, p1080, true},
           Case{1504, 640, p1080, true},   Case{864, 480, p720, true},     Case{960, 416, p720, true},
           Case{640, 640, p720, true},     Case{1280, 720, p768, true},    Case{1920, 1080, k4, true},
           Case{640, 360, p480, true},
       }) {
    std::string const why = told(sized(c.width, c.height), Request{}, c.ordered);
    CAPTURE(c.width);
    CAPTURE(c.height);
    CHECK(why == (c.is_less ? fmt::format("it is {}x{}, less than the {} that was ordered", c.width, c.height,
                                          to_string(c.ordered))
                            : ""));
  }
}

TEST_CASE("clip: sides of multiples of 16 keep a ratio, another ratio does not") {
  Request request;
  request.aspect_ratio = AspectRatio{16, 9};
  for (auto const& [width, height] : {std::pair{1280, 720}, {1248, 704}, {1280, 736}})
    CHECK(told(sized(width, height), request).empty());
  CHECK(told(sized(720, 1280), request) == "it is 720x1280, which is not the ratio of 16:9 that was ordered");
  CHECK(told(sized(960, 720), request) == "it is 960x720, which is not the ratio of 16:9 that was ordered");
  request.image_start = MediaInput{};  // whose shape it has
  CHECK(told(sized(960, 720), request).empty());
}

TEST_CASE("clip: sound is what can be heard") {
  ClipLook const quiet{.pictures = 20, .brightest = 200, .difference = 90};
  ClipLook silent = quiet, loud = quiet;
  silent.loudest = 0;
  loud.loudest = 40;
  Request off, on;
  on.sound = Sound::on;
  CHECK(told(seen(quiet), off).empty());
  CHECK(told(seen(loud, true), on).empty());
  CHECK(told(seen(silent, true), off).empty());
  CHECK(told(seen(quiet), on) == "it has no sound track, and sound was ordered");
  CHECK(told(seen(silent, true), on) == "its sound track is silent, and sound was ordered");
  CHECK(told(seen(loud, true), off).empty());  // some models always make it
  Measured unseen{.width = 1280, .height = 720, .length = 5s, .has_sound = true};
  CHECK(told(unseen, on).empty());
  CHECK(told(unseen, Request{}).empty());
}

TEST_CASE("clip: black, one picture and what cannot be decoded are told with what was seen") {
  struct Case {
    ClipLook look;
    char const* told;
  };
  for (Case const& c :
       {Case{{.pictures = 20, .brightest = 13, .difference = 5}, ""},
        Case{{.pictures = 20, .brightest = 9, .difference = 6}, ""},  // a night, in which something moves
        Case{{.pictures = 20, .brightest = 12, .difference = 0},
             "it is black throughout: of 20 pictures looked at none is brighter than 12 of 255"},
        Case{{.pictures = 20, .brightest = 220, .difference = 4},
             "hardly anything moves in it: 20 pictures looked at differ by no more than 4 of 255"},
        Case{{.pictures = 1, .brightest = 220, .difference = 0}, ""}, Case{{}, ""},
        Case{{.pictures = 3, .brightest = 90, .difference = 40, .damage = "Invalid data found"},
             "it cannot be decoded whole: Invalid data found"}})
    CHECK(told(seen(c.look), Request{}) == c.told);
}
