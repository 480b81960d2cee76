#include "orchestrator/catalog/capability.hpp"

#include "orchestrator/catalog/catalog.hpp"

#include <functional>
#include <string>

#include <doctest/doctest.h>

using namespace callsheet;
using catalog::Field;

namespace {

Request image_request() {
  Request request;
  request.mode = Mode::image_to_video;
  request.prompt = "p";
  request.image_start = MediaInput{.kind = MediaInput::Kind::file, .location = "/a.jpg", .digest = {}};
  return request;
}

catalog::InputFacts pictures(int width = 1280, int height = 720) {
  return {.start = ImageFacts{.format = ImageFormat::jpeg,
                              .size_bytes = 1000,
                              .width = width,
                              .height = height,
                              .digest = {}},
          .end = {},
          .images = {},
          .video = {}};
}

catalog::Model const& model(std::string const& id) {
  static catalog::Catalog const loaded = *catalog::load();
  return *loaded.find(ModelId{id});
}

}  // namespace

TEST_CASE(
    "capability: each limit of the gateway is an obstacle of its own field, and only beyond the limit") {
  struct Case {
    char const* name;
    char const* model;
    std::function<void(Request&, catalog::InputFacts&)> change;
    std::optional<Field> obstacle;
  };
  using std::chrono::seconds;
  std::string const v3 = "kling-v3-image-to-video";
  for (Case const& c : {
           Case{"as it is", "kling-v3-image-to-video", [](auto&, auto&) {}, {}},
           Case{"3 s", "kling-v3-image-to-video", [](auto& r, auto&) { r.duration = seconds{3}; }, {}},
           Case{"2 s", "kling-v3-image-to-video", [](auto& r, auto&) { r.duration = seconds{2}; }, Field::duration},
           Case{"15 s", "kling-v3-image-to-video", [](auto& r, auto&) { r.duration = seconds{15}; }, {}},
           Case{"16 s", "kling-v3-image-to-video", [](auto& r, auto&) { r.duration = seconds{16}; }, Field::duration},
           Case{"2500 letters", "kling-v3-image-to-video",
                [](auto& r, auto&) { r.prompt = std::string(2500, 'x'); }, {}},
           Case{"2501 letters", "kling-v3-image-to-video",
                [](auto& r, auto&) { r.prompt = std::string(2501, 'x'); }, Field::prompt},
           Case{"2500 umlauts are 5000 bytes", "kling-v3-image-to-video",
                [](auto& r, auto&) {
                  r.prompt.clear();
                  for (int i = 0; i < 2500; ++i) r.prompt += "ä";
                },
                {}},
           Case{"no prompt", "kling-v3-image-to-video", [](auto& r, auto&) { r.prompt.clear(); }, {}},
           Case{"o3 needs a prompt", "kling-o3-image-to-video", [](auto& r, auto&) { r.prompt.clear(); }, Field::prompt},
           Case{"4k", "kling-v3-image-to-video", [](auto& r, auto&) { r.quality = Quality::k4; }, {}},
           Case{"turbo has no 4k", "kling-v3-turbo-image-to-video", [](auto& r, auto&) { r.quality = Quality::k4; },
                Field::quality},
           Case{"turbo is silent", "kling-v3-turbo-image-to-video", [](auto& r, auto&) { r.sound = Sound::on; },
                Field::sound},
           Case{"turbo does silence", "kling-v3-turbo-image-to-video", [](auto&, auto&) {}, {}},
           Case{"turbo, negative prompt", "kling-v3-turbo-image-to-video",
                [](auto& r, auto&) { r.negative_prompt = "n"; }, Field::negative_prompt},
           Case{"turbo, last frame", "kling-v3-turbo-image-to-video",
                [](auto& r, auto&) { r.image_end = r.image_start; }, Field::image_end},
           Case{"turbo, watermark", "kling-v3-turbo-image-to-video", [](auto& r, auto&) { r.watermark = false; },
                Field::watermark},
           Case{"picture 300 px", "kling-v3-image-to-video", [](auto&, auto& p) { p = pictures(300, 300); }, {}},
           Case{"picture 299 px", "kling-v3-image-to-video", [](auto&, auto& p) { p = pictures(300, 299); },
                Field::image_start},
           Case{"picture 2.5:1", "kling-v3-image-to-video", [](auto&, auto& p) { p = pictures(1000, 400); }, {}},
           Case{"picture wider", "kling-v3-image-to-video", [](auto&, auto& p) { p = pictures(1001, 400); },
                Field::image_start},
           Case{"picture 1:2.5", "kling-v3-image-to-video", [](auto&, auto& p) { p = pictures(400, 1000); }, {}},
           Case{"10 MB", "kling-v3-image-to-video", [](auto&, auto& p) { p.start->size_bytes = 10'000'000; }, {}},
           Case{"over 10 MB", "kling-v3-image-to-video", [](auto&, auto& p) { p.start->size_bytes = 10'000'001; },
                Field::image_start},
           Case{"turbo takes more", "kling-v3-turbo-image-to-video",
                [](auto&, auto& p) { p.start->size_bytes = 10'000'001; }, {}},
           Case{"not a picture", "kling-v3-image-to-video",
                [](auto&, auto& p) { p.start->format = ImageFormat::other; }, Field::image_start},
           Case{"no picture", "kling-v3-image-to-video", [](auto& r, auto&) { r.image_start.reset(); },
                Field::image_start},
           Case{"ratio as the frame", "kling-v3-image-to-video",
                [](auto& r, auto&) { r.aspect_ratio = AspectRatio{16, 9}; }, {}},
           Case{"ratio within 1 %", "kling-v3-image-to-video",
                [](auto& r, auto& p) {
                  r.aspect_ratio = AspectRatio{16, 9};
                  p = pictures(1290, 720);
                },
                {}},
           Case{"ratio beyond 1 %", "kling-v3-image-to-video",
                [](auto& r, auto& p) {
                  r.aspect_ratio = AspectRatio{16, 9};
                  p = pictures(1294, 720);
                },
                Field::aspect_ratio},
           Case{"ratio of a URL", "kling-v3-image-to-video",
                [](auto& r, auto& p) {
                  r.aspect_ratio = AspectRatio{16, 9};
                  p.start.reset();
                },
                Field::aspect_ratio},
           Case{"six shots", "kling-v3-image-to-video",
                [](auto& r, auto&) {
                  r.shot_planning = ShotPlanning::customize;
                  r.shots.assign(6, Shot{"s", seconds{1}});
                  r.duration = seconds{6};
                },
                {}},
           Case{"seven shots", "kling-v3-image-to-video",
                [](auto& r, auto&) {
                  r.shot_planning = ShotPlanning::customize;
                  r.shots.assign(7, Shot{"s", seconds{1}});
                  r.duration = seconds{7};
                },
                Field::shots},
           Case{"long shot prompt", "kling-v3-image-to-video",
                [](auto& r, auto&) {
                  r.shot_planning = ShotPlanning::customize;
                  r.shots.assign(3, Shot{std::string(513, 'x'), seconds{1}});
                  r.duration = seconds{3};
                },
                Field::shots},
           Case{"shots and a last frame", "kling-v3-image-to-video",
                [](auto& r, auto&) {
                  r.shot_planning = ShotPlanning::customize;
                  r.shots.assign(3, Shot{"s", seconds{1}});
                  r.duration = seconds{3};
                  r.image_end = r.image_start;
                },
                Field::image_end},
           Case{"o3 does not plan shots", "kling-o3-image-to-video",
                [](auto& r, auto&) { r.shot_planning = ShotPlanning::intelligence; }, Field::shots},
           Case{"planned shots need a prompt", "kling-v3-image-to-video",
                [](auto& r, auto&) {
                  r.shot_planning = ShotPlanning::intelligence;
                  r.prompt = " ";
                },
                Field::prompt},
           Case{"another mode", "kling-v3-text-to-video", [](auto&, auto&) {}, Field::mode},
       }) {
    CAPTURE(c.name);
    Request request = image_request();
    catalog::InputFacts seen = pictures();
    c.change(request, seen);
    auto const found = catalog::obstacles(model(c.model), request, seen);
    CHECK(found.empty() == !c.obstacle.has_value());
    if (c.obstacle && !found.empty()) CHECK(found.front().field == *c.obstacle);
  }
}

TEST_CASE("capability: an element is made of some pictures or of one video, and has a short description") {
  MediaInput const file{.kind = MediaInput::Kind::file, .location = "/a.jpg", .digest = {}};
  struct Case {
    char const* name;
    std::size_t pictures;
    bool video;
    std::size_t description;
    std::optional<Field> obstacle;
  };
  for (Case const& c :
       {Case{"two pictures", 2, false, 10, {}}, Case{"four pictures", 4, false, 100, {}},
        Case{"a video", 0, true, 10, {}}, Case{"one picture", 1, false, 10, Field::images},
        Case{"five pictures", 5, false, 10, Field::images}, Case{"nothing", 0, false, 10, Field::images},
        Case{"no description", 2, false, 0, Field::prompt},
        Case{"101 characters", 2, false, 101, Field::prompt}}) {
    CAPTURE(std::string{c.name});
    Request request;
    request.mode = Mode::element;
    request.quality = Quality::any;
    request.duration = std::chrono::seconds{0};
    request.prompt = std::string(c.description, 'x');
    request.images.assign(c.pictures, file);
    if (c.video) request.video = file;
    catalog::InputFacts inputs;
    inputs.images.resize(c.pictures);
    auto const found = catalog::obstacles(model("kling-custom-element"), request, inputs);
    CHECK(found.size() == (c.obstacle ? 1 : 0));
    if (!found.empty()) CHECK(found.front().field == c.obstacle);
  }
  CHECK_FALSE(catalog::obstacles(model("kling-custom-element"), image_request(), pictures()).empty());
}

TEST_CASE("capability: the hold for an element covers the highest price that a source names") {
  catalog::Catalog const loaded = *catalog::load();
  catalog::Model const& maker = *loaded.find(ModelId{"kling-custom-element"});
  Request request;
  request.mode = Mode::element;
  request.quality = Quality::any;
  CHECK(loaded.expected(maker, request, Quality::any, {}) == Credits::from_units(10));
  CHECK(loaded.most(maker, request, Quality::any, {}) == Credits::whole(1));
}
