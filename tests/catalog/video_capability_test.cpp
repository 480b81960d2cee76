#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/catalog/catalog.hpp"

#include <functional>
#include <string>

#include <doctest/doctest.h>

using namespace callsheet;
using catalog::Field;
using namespace std::chrono_literals;

namespace {

MediaInput file(char const* path) {
  return {.kind = MediaInput::Kind::file, .location = path, .digest = {}};
}

ImageFacts picture() {
  return {.format = ImageFormat::jpeg, .size_bytes = 1000, .width = 1280, .height = 720, .digest = {}};
}

struct Wish {
  Request request;
  catalog::InputFacts inputs;
};

/// A wish that every model of the mode can do that takes a video of 8 s.
Wish wish_for(Mode mode) {
  Wish wish;
  wish.request.mode = mode;
  wish.request.prompt = "p";
  wish.request.duration = 8s;
  wish.request.images = {file("/hero.jpg")};
  wish.inputs.images = {picture()};
  wish.request.video = file("/dance.mp4");
  wish.inputs.video = VideoFacts{.size_bytes = 1'000'000,
                                 .width = 1280,
                                 .height = 720,
                                 .length = 8s,
                                 .longest = 8s,
                                 .frames = 240,
                                 .digest = {}};
  if (mode == Mode::motion_control) wish.request.orientation = Orientation::video;
  return wish;
}

catalog::Catalog const& standard() {
  static catalog::Catalog const loaded = *catalog::load();
  return loaded;
}

struct Case {
  char const* name;
  char const* model;
  std::function<void(Wish&)> change;
  std::optional<Field> obstacle;
};

void check(Mode mode, std::vector<Case> const& cases) {
  for (Case const& c : cases) {
    CAPTURE(c.name);
    Wish wish = wish_for(mode);
    catalog::Model const& model = *standard().find(ModelId{c.model});
    wish.request.quality = model.qualities.front();
    c.change(wish);
    auto const found = catalog::obstacles(model, wish.request, wish.inputs);
    CHECK(found.empty() == !c.obstacle.has_value());
    if (!found.empty()) CAPTURE(found.front().why);
    if (c.obstacle && !found.empty()) CHECK(found.front().field == *c.obstacle);
  }
}

}  // namespace

TEST_CASE("capability: motion control, each limit to its edge") {
  check(
      Mode::motion_control,
      {
          {"as it is", "kling-v3-motion-control", [](Wish&) {}, {}},
          {"the older one", "kling-v2.6-motion-control", [](Wish&) {}, {}},
          {"no prompt", "kling-v3-motion-control", [](Wish& w) { w.request.prompt.clear(); }, {}},
          {"3 s", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->length = 3s; }, {}},
          {"below 3 s", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->length = 2999ms; },
           Field::video},
          {"30 s", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->length = 30s; }, {}},
          {"above 30 s", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->length = 30'001ms; },
           Field::video},
          {"10 s facing as in the picture",
           "kling-v3-motion-control",
           [](Wish& w) {
             w.request.orientation = Orientation::image;
             w.inputs.video->length = 10s;
           },
           {}},
          {"11 s facing as in the picture", "kling-v3-motion-control",
           [](Wish& w) {
             w.request.orientation = Orientation::image;
             w.inputs.video->length = 11s;
           },
           Field::video},
          {"which way it faces is not said", "kling-v3-motion-control",
           [](Wish& w) { w.request.orientation.reset(); }, Field::orientation},
          {"no picture", "kling-v3-motion-control", [](Wish& w) { w.request.images.clear(); }, Field::images},
          {"two pictures", "kling-v3-motion-control",
           [](Wish& w) { w.request.images.push_back(file("/b.jpg")); }, Field::images},
          {"no video", "kling-v3-motion-control", [](Wish& w) { w.request.video.reset(); }, Field::video},
          {"a video by URL", "kling-v3-motion-control", [](Wish& w) { w.inputs.video.reset(); }, {}},
          {"a first frame", "kling-v3-motion-control",
           [](Wish& w) { w.request.image_start = file("/a.jpg"); }, Field::image_start},
          {"sides of 340 px", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->height = 340; }, {}},
          {"sides of 339 px", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->height = 339; },
           Field::video},
          {"sides of 3851 px", "kling-v3-motion-control", [](Wish& w) { w.inputs.video->width = 3851; },
           Field::video},
          {"100 MB",
           "kling-v3-motion-control",
           [](Wish& w) { w.inputs.video->size_bytes = 100'000'000; },
           {}},
          {"over 100 MB", "kling-v3-motion-control",
           [](Wish& w) { w.inputs.video->size_bytes = 100'000'001; }, Field::video},
          {"its sound kept or not",
           "kling-v3-motion-control",
           [](Wish& w) { w.request.keep_sound = false; },
           {}},
          {"sound made", "kling-v3-motion-control", [](Wish& w) { w.request.sound = Sound::on; },
           Field::sound},
          {"a ratio", "kling-v3-motion-control",
           [](Wish& w) {
             w.request.aspect_ratio = AspectRatio{16, 9};
           },
           Field::aspect_ratio},
          {"4k", "kling-v3-motion-control", [](Wish& w) { w.request.quality = Quality::k4; }, Field::quality},
          {"shots", "kling-v3-motion-control",
           [](Wish& w) { w.request.shot_planning = ShotPlanning::intelligence; }, Field::shots},
          {"an edit", "kling-o3-video-edit", [](Wish&) {}, Field::mode},
      });
}

TEST_CASE("capability: edits and references, each limit to its edge") {
  check(
      Mode::video_edit,
      {
          {"as it is", "kling-o3-video-edit", [](Wish&) {}, {}},
          {"24 frames a second", "kling-o3-video-edit", [](Wish& w) { w.inputs.video->frames = 192; }, {}},
          {"23 frames a second", "kling-o3-video-edit", [](Wish& w) { w.inputs.video->frames = 184; },
           Field::video},
          {"61 frames a second", "kling-o3-video-edit", [](Wish& w) { w.inputs.video->frames = 488; },
           Field::video},
          {"frames not counted", "kling-o3-video-edit", [](Wish& w) { w.inputs.video->frames = 0; }, {}},
          {"four pictures",
           "kling-o3-video-edit",
           [](Wish& w) { w.request.images.assign(4, file("/a.jpg")); },
           {}},
          {"five pictures", "kling-o3-video-edit",
           [](Wish& w) { w.request.images.assign(5, file("/a.jpg")); }, Field::images},
          {"a URL whose length has no bound", "kling-o3-video-edit", [](Wish& w) { w.inputs.video.reset(); },
           Field::video},
          {"facing", "kling-o3-video-edit", [](Wish& w) { w.request.orientation = Orientation::image; },
           Field::orientation},
          {"O1 as it is", "kling-o1-video-edit", [](Wish&) {}, {}},
          {"O1 of 11 s", "kling-o1-video-edit", [](Wish& w) { w.inputs.video->length = 11s; }, Field::video},
          {"O1 by URL", "kling-o1-video-edit", [](Wish& w) { w.inputs.video.reset(); }, {}},
          {"O1 with a quality", "kling-o1-video-edit", [](Wish& w) { w.request.quality = Quality::p720; },
           Field::quality},
          {"O1 fast, too short", "kling-o1-video-edit-fast", [](Wish& w) { w.inputs.video->length = 5999ms; },
           Field::video},
          {"O3 with any quality", "kling-o3-video-edit", [](Wish& w) { w.request.quality = Quality::any; },
           Field::quality},
      });
  check(
      Mode::reference_to_video,
      {
          {"as it is", "kling-o3-reference-to-video", [](Wish&) {}, {}},
          {"11 s", "kling-o3-reference-to-video", [](Wish& w) { w.request.duration = 11s; }, Field::duration},
          {"no video", "kling-o3-reference-to-video", [](Wish& w) { w.request.video.reset(); }, Field::video},
          {"pictures alone", "kling-o3-image-to-video", [](Wish& w) { w.request.video.reset(); }, {}},
          {"a video where none is taken", "kling-o3-image-to-video", [](Wish&) {}, Field::video},
          {"nothing to refer to", "kling-o3-image-to-video",
           [](Wish& w) {
             w.request.video.reset();
             w.request.images.clear();
           },
           Field::image_start},
          {"eight pictures", "kling-o3-image-to-video",
           [](Wish& w) {
             w.request.video.reset();
             w.request.images.assign(8, file("/a.jpg"));
           },
           Field::images},
          {"a frame and six pictures",
           "kling-o3-image-to-video",
           [](Wish& w) {
             w.request.video.reset();
             w.request.image_start = file("/a.jpg");
             w.request.images.assign(6, file("/a.jpg"));
           },
           {}},
          {"a frame and seven pictures", "kling-o3-image-to-video",
           [](Wish& w) {
             w.request.video.reset();
             w.request.image_start = file("/a.jpg");
             w.request.images.assign(7, file("/a.jpg"));
           },
           Field::images},
          {"both frames and a picture", "kling-o3-image-to-video",
           [](Wish& w) {
             w.request.video.reset();
             w.request.image_start = file("/a.jpg");
             w.request.image_end = file("/b.jpg");
           },
           Field::image_end},
          {"another family", "seedance-2.0-reference-to-video", [](Wish& w) { w.request.video.reset(); }, {}},
      });
}

TEST_CASE("capability: elements, by number, by kind, and beside what else is there") {
  auto const with = [](std::size_t count, Element::Kind kind) {
    return [count, kind](Wish& w) { w.request.elements.assign(count, Element{.id = "e", .kind = kind}); };
  };
  using enum Element::Kind;
  check(Mode::motion_control,
        {
            {"one made of a video", "kling-v3-motion-control", with(1, video), {}},
            {"one made of pictures", "kling-v3-motion-control", with(1, images), Field::elements},
            {"two", "kling-v3-motion-control", with(2, video), Field::elements},
            {"the older model", "kling-v2.6-motion-control", with(1, video), Field::elements},
            {"facing as in the picture", "kling-v3-motion-control",
             [&](Wish& w) {
               with(1, video)(w);
               w.request.orientation = Orientation::image;
             },
             Field::elements},
        });
  check(Mode::video_edit,
        {
            {"three beside a picture", "kling-o3-video-edit", with(3, images), {}},
            {"four beside a picture", "kling-o3-video-edit", with(4, images), Field::images},
            {"made of a video", "kling-o3-video-edit", with(1, video), Field::elements},
            {"O1", "kling-o1-video-edit", with(1, images), Field::elements},
        });
  check(Mode::reference_to_video, {
                                      {"six beside a picture",
                                       "kling-o3-image-to-video",
                                       [&](Wish& w) {
                                         w.request.video.reset();
                                         with(6, video)(w);
                                       },
                                       {}},
                                      {"four beside a first frame", "kling-o3-image-to-video",
                                       [&](Wish& w) {
                                         w.request.video.reset();
                                         w.request.images.clear();
                                         w.request.image_start = file("/a.jpg");
                                         with(4, images)(w);
                                       },
                                       Field::elements},
                                  });
}

TEST_CASE("capability: a length is one of those a model makes") {
  Request request;
  request.mode = Mode::text_to_video;
  request.prompt = "p";
  request.quality = Quality::any;
  catalog::Model const& sora = *standard().find(ModelId{"sora-2-preview"});
  for (auto const& [duration, good] :
       {std::pair{4s, true}, {8s, true}, {12s, true}, {5s, false}, {3s, false}, {16s, false}}) {
    CAPTURE(duration.count());
    request.duration = duration;
    CHECK(catalog::obstacles(sora, request, {}).empty() == good);
  }
  request.duration = 5s;
  CHECK(catalog::obstacles(sora, request, {}).front().why ==
        "duration 5 is not one sora-2-preview makes (4, 8 or 12 s)");
}

TEST_CASE("capability: text-to-video uses no picture, also where the model could") {
  Request request;
  request.mode = Mode::text_to_video;
  request.prompt = "p";
  catalog::Model const& both = *standard().find(ModelId{"seedance-1.5-pro"});
  CHECK(catalog::obstacles(both, request, {}).empty());
  request.image_start = file("/a.jpg");
  CHECK(catalog::obstacles(both, request, {}).front().field == Field::image_start);
  request.mode = Mode::image_to_video;
  CHECK(catalog::obstacles(both, request, {}).empty());
  request.image_start.reset();
  CHECK(catalog::obstacles(both, request, {}).front().field == Field::image_start);
}

TEST_CASE("capability: a model that only has a price is asked for nothing") {
  Request request;
  request.prompt = "p";
  for (catalog::Model const& model : standard().models) {
    if (!model.modes.empty()) continue;
    auto const found = catalog::obstacles(model, request, {});
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().field == Field::mode);
  }
}
