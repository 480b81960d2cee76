#include "orchestrator/core/json_tree.hpp"
#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/core/request_json.hpp"

#include <doctest/doctest.h>

using namespace callsheet;

namespace {
Request sample() {
  Request request;
  request.mode = Mode::image_to_video;
  request.prompt = "A gentle breeze — \"über\" \xff";
  request.image_start =
      MediaInput{.kind = MediaInput::Kind::file, .location = "/tmp/a.png", .digest = ContentDigest{"ab12"}};
  request.shot_planning = ShotPlanning::customize;
  request.shots = {{"one", std::chrono::seconds{3}}, {"two", std::chrono::seconds{2}}};
  request.aspect_ratio = AspectRatio{9, 16};
  request.watermark = false;
  return request;
}
}  // namespace

namespace {
Request read_back(std::string_view text) {
  return request_in(JsonTree{text}.root());
}
std::string written(Request const& request) {
  std::string text;
  JsonWriter out{text};
  write_json(request, out);
  return text;
}
}  // namespace

TEST_CASE("request: what is written reads back as the same request") {
  for (Request request : {sample(), Request{}}) {
    request.prompt = "plain";
    CHECK(read_back(written(request)) == request);
  }
  CHECK_THROWS(read_back("{}"));
  CHECK_THROWS(read_back("not json"));
  CHECK_THROWS(read_back(R"({"mode":"walk","quality":"720p","prompt":"","duration_s":5})"));
}

TEST_CASE("request: pictures to refer to, a video and what to do with it read back") {
  Request request;
  request.mode = Mode::motion_control;
  request.images = {
      MediaInput{.kind = MediaInput::Kind::url, .location = "https://example.com/a.jpg", .digest = {}},
      MediaInput{.kind = MediaInput::Kind::file, .location = "/b.jpg", .digest = ContentDigest{"b"}}};
  request.video =
      MediaInput{.kind = MediaInput::Kind::file, .location = "/v.mp4", .digest = ContentDigest{"v"}};
  request.keep_sound = false;
  request.orientation = Orientation::image;
  request.elements = {{.id = "a", .kind = Element::Kind::images}, {.id = "b", .kind = Element::Kind::video}};
  request.quality = Quality::any;
  CHECK(read_back(written(request)) == request);
  CHECK(inputs_of(request).size() == 3);
}

TEST_CASE("request: clips made before there were references and videos are still the same clips") {
  // These texts are what ledgers hold digests of.
  CHECK(canonical_json(Request{}) ==
        R"({"aspect_ratio":null,"duration_s":5,"image_end":null,"image_start":null,"mode":"text-to-video",)"
        R"("negative_prompt":"","prompt":"","quality":"720p","shot_planning":"single","shots":[],)"
        R"("sound":"off","watermark":null})");
  Request request;
  std::string const before = canonical_json(request);
  request.keep_sound = true;
  CHECK(canonical_json(request) != before);
  request = {};
  request.orientation = Orientation::video;
  CHECK(canonical_json(request) != before);
  request = {};
  request.elements = {{.id = "a", .kind = Element::Kind::images}};
  CHECK(canonical_json(request) != before);
  request = {};
  request.video = MediaInput{.kind = MediaInput::Kind::url, .location = "https://e/v.mp4", .digest = {}};
  CHECK(canonical_json(request) != before);
  request = {};
  request.images = {MediaInput{.kind = MediaInput::Kind::url, .location = "https://e/a.jpg", .digest = {}}};
  CHECK(canonical_json(request) != before);
}

TEST_CASE("request: what earlier versions wrote, every field present, is still read") {
  Request const request = read_back(
      R"({"aspect_ratio":null,"duration_s":3,"image_end":null,"image_start":null,"mode":"text-to-video",)"
      R"("negative_prompt":"","prompt":"x","quality":"720p","shot_planning":"single","shots":[],)"
      R"("sound":"off","watermark":null})");
  CHECK(request.prompt == "x");
  CHECK(request.duration == std::chrono::seconds{3});
  CHECK_FALSE(request.watermark.has_value());
}

TEST_CASE("request: identity follows content and take, not the path of a picture") {
  Request const a = sample();
  Request moved = a;
  moved.image_start->location = "/elsewhere/b.png";
  Request repainted = a;
  repainted.image_start->digest = ContentDigest{"cd34"};
  CHECK(identity_of(a, {Quality::p720}, 1) == identity_of(moved, {Quality::p720}, 1));
  CHECK(identity_of(a, {Quality::p720}, 1) != identity_of(repainted, {Quality::p720}, 1));
  CHECK(identity_of(a, {Quality::p720}, 1) != identity_of(a, {Quality::p720}, 2));
  CHECK(identity_of(a, {Quality::p720}, 1) != identity_of(a, {Quality::p720, Quality::p1080}, 1));
}

TEST_CASE("request: names read back, and nothing else does") {
  for (std::string const& name : quality_names()) CHECK(to_string(*parse_quality(name)) == name);
  for (std::string const& name : mode_names()) CHECK(to_string(*parse_mode(name)) == name);
  CHECK_FALSE(parse_quality("720").has_value());
  CHECK(parse_aspect_ratio("16:9") == AspectRatio{16, 9});
  for (char const* bad : {"", "16", "16:", ":9", "16:9x", "0:9", "16:0", "-1:2"})
    CHECK_FALSE(parse_aspect_ratio(bad).has_value());
}

TEST_CASE("request: an element of one's own is known by what it is made from, not by its id or name") {
  Request shows;
  shows.elements = {{.kind = Element::Kind::images, .made_by = TaskIdentity{"abc"}, .name = "hero"}};
  CHECK(canonical_json(shows) ==
        R"({"aspect_ratio":null,"duration_s":5,"elements":[{"element":"abc"}],"image_end":null,)"
        R"("image_start":null,"mode":"text-to-video","negative_prompt":"","prompt":"","quality":"720p",)"
        R"("shot_planning":"single","shots":[],"sound":"off","watermark":null})");
  CHECK(read_back(written(shows)) == shows);
  Request made = shows;
  made.elements.front().id = "el_1";
  made.elements.front().name = "heroine";
  CHECK(canonical_json(made) == canonical_json(shows));
  CHECK(read_back(written(made)) == made);
  made.elements.front().made_by = TaskIdentity{"abd"};
  CHECK(canonical_json(made) != canonical_json(shows));
}

TEST_CASE("request: what an element is made from makes it, not what it is called") {
  Request element;
  element.mode = Mode::element;
  element.prompt = "a red fox";
  element.duration = std::chrono::seconds{0};
  element.quality = Quality::any;
  element.name = "fox";
  element.images = {
      MediaInput{.kind = MediaInput::Kind::file, .location = "/front.jpg", .digest = ContentDigest{"a"}},
      MediaInput{.kind = MediaInput::Kind::file, .location = "/side.jpg", .digest = ContentDigest{"b"}}};
  // What ledgers hold digests of.
  CHECK(canonical_json(element) ==
        R"({"aspect_ratio":null,"duration_s":0,"image_end":null,"image_start":null,"images":[{"sha256":"a"},)"
        R"({"sha256":"b"}],"mode":"element","negative_prompt":"","prompt":"a red fox","quality":"any",)"
        R"("shot_planning":"single","shots":[],"sound":"off","watermark":null})");
  CHECK(read_back(written(element)) == element);
  Request other = element;
  other.name = "vixen";
  CHECK(canonical_json(other) == canonical_json(element));
  std::swap(other.images.front(), other.images.back());  // which is the frontal one
  CHECK(canonical_json(other) != canonical_json(element));
}

TEST_CASE("request: an element is no mode that a manifest may ask for") {
  CHECK(parse_mode("element") == Mode::element);
  for (std::string const& name : mode_names()) CHECK(makes_clips(*parse_mode(name)));
}
