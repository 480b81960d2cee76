#include "tests/local_gateway/gateway_fixture.hpp"
#include "tools/local_gateway/prices.hpp"
#include "tools/local_gateway/validation.hpp"
#include "tools/local_gateway/video_file.hpp"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using local_gateway::Order;
using local_gateway::read_order;
using nlohmann::json;

namespace {

constexpr char const* anywhere = "https://example.com/a";

json motion(json const& more = json::object()) {
  json order{{"model", "kling-v3-motion-control"},
             {"image_urls", json::array({anywhere})},
             {"video_urls", json::array({anywhere})},
             {"model_params", {{"character_orientation", "video"}}}};
  order.update(more);
  return order;
}
json edit(json const& more = json::object()) {
  json order{{"model", "kling-o3-video-edit"}, {"prompt", "p"}, {"video_url", anywhere}};
  order.update(more);
  return order;
}
json o1(json const& more = json::object()) {
  json order{{"model", "kling-o1-image-to-video"}, {"prompt", "p"}, {"image_urls", json::array({anywhere})}};
  order.update(more);
  return order;
}
json of(char const* model, json const& more = json::object()) {
  json order{{"model", model}, {"prompt", "p"}};
  order.update(more);
  return order;
}
json urls(int count) {
  return json(static_cast<std::size_t>(count), anywhere);
}

}  // namespace

TEST_CASE("validation: models that take a video, and other families, each with its own words") {
  struct Case {
    char const* name;
    json order;
    char const* param;  ///< of the refusal; empty: accepted
  };
  for (Case const& c : {
           Case{"motion control", motion(), ""},
           Case{"its sound",
                motion({{"model_params", {{"character_orientation", "image"}, {"keep_sound", false}}}}), ""},
           Case{"no orientation", motion({{"model_params", json::object()}}),
                "model_params.character_orientation"},
           Case{"no parameters", motion({{"model_params", nullptr}}), "model_params"},
           Case{"another orientation", motion({{"model_params", {{"character_orientation", "left"}}}}),
                "model_params.character_orientation"},
           Case{"two pictures", motion({{"image_urls", urls(2)}}), "image_urls"},
           Case{"no picture", motion({{"image_urls", nullptr}}), "image_urls"},
           Case{"two videos", motion({{"video_urls", urls(2)}}), "video_urls"},
           Case{"no video", motion({{"video_urls", nullptr}}), "video_urls"},
           Case{"one video by another name", motion({{"video_url", anywhere}}), "video_url"},
           Case{"a length", motion({{"duration", 5}}), "duration"},
           Case{"an element, as in the picture",
                motion({{"model_params",
                         {{"character_orientation", "image"},
                          {"element_list", json::array({{{"element_id", "e"}}})}}}}),
                "model_params.character_orientation"},
           Case{"an element where none is taken",
                motion({{"model", "kling-v2.6-motion-control"},
                        {"model_params",
                         {{"character_orientation", "video"},
                          {"element_list", json::array({{{"element_id", "e"}}})}}}}),
                "model_params.element_list"},
           Case{"edit", edit(), ""},
           Case{"edit, sound", edit({{"keep_original_sound", true}}), ""},
           Case{"edit, four pictures", edit({{"image_urls", urls(4)}}), ""},
           Case{"edit, five pictures", edit({{"image_urls", urls(5)}}), "image_urls"},
           Case{"edit, a list of videos", edit({{"video_urls", urls(1)}}), "video_urls"},
           Case{"edit without a video", edit({{"video_url", nullptr}}), "video_url"},
           Case{"edit, a length", edit({{"duration", 5}}), "duration"},
           Case{"O1", o1(), ""},
           Case{"O1, both frames", o1({{"image_urls", urls(2)}}), ""},
           Case{"O1, three frames", o1({{"image_urls", urls(3)}}), "image_urls"},
           Case{"O1 without a frame", o1({{"image_urls", nullptr}}), "image_urls"},
           Case{"O1 of 10 s", o1({{"duration", 10}}), ""},
           Case{"O1 of 7 s", o1({{"duration", 7}}), "duration"},
           Case{"O1, a quality", o1({{"quality", "720p"}}), "quality"},
           Case{"sora of 8 s", of("sora-2-preview", {{"duration", 8}}), ""},
           Case{"sora of 0 s", of("sora-2-preview", {{"duration", 0}}), "duration"},
           Case{"wan, sound", of("wan3.0-text-to-video", {{"generate_audio", false}}), ""},
           Case{"wan, sound as Kling has it", of("wan3.0-text-to-video", {{"sound", "on"}}), "sound"},
           Case{"21:9", of("seedance-2.0-text-to-video", {{"aspect_ratio", "21:9"}}), ""},
           Case{"21:9 of Kling", of("kling-o3-text-to-video", {{"aspect_ratio", "21:9"}}), "aspect_ratio"},
           Case{"2k", of("minimax-h3-text-to-video", {{"quality", "2k"}}), ""},
           Case{"ten references", of("minimax-h3-reference-to-video", {{"image_urls", urls(10)}}),
                "image_urls"},
           Case{"a model that is only priced", of("veo3.1-fast-extend"), "model"},
       }) {
    CAPTURE(c.name);
    auto const order = read_order(c.order);
    CHECK((order ? "" : order.error().param) == c.param);
  }
}

TEST_CASE("prices: by the seconds that count for each model") {
  struct Case {
    char const* model;
    char const* quality;
    int length_ms;  ///< of the video; 0: nobody knows
    int clip_s;
    std::int64_t reserved;
    std::int64_t charged;
  };
  for (Case const& c : {
           Case{"kling-v3-motion-control", "720p", 7499, 7, 571'536, 571'536},
           Case{"kling-v3-motion-control", "1080p", 8000, 8, 871'347, 871'347},
           Case{"kling-v3-motion-control", "720p", 0, 10, 816'480, 816'480},
           Case{"kling-o3-video-edit", "720p", 5400, 5, 486'000, 405'000},
           Case{"kling-o3-video-edit", "720p", 0, 5, 405'000, 405'000},
           Case{"kling-o1-video-edit", "", 3333, 3, 400'800, 400'800},
           Case{"kling-o1-video-edit-fast", "", 4000, 4, 408'000, 408'000},
       }) {
    CAPTURE(c.model);
    CAPTURE(c.length_ms);
    Order order;
    order.model = c.model;
    order.quality = c.quality;
    order.seconds = c.clip_s;
    if (c.length_ms > 0) order.video_length = std::chrono::milliseconds{c.length_ms};
    local_gateway::ModelRules const& rules = *local_gateway::find_model(c.model);
    CHECK(local_gateway::reserve_for(rules, order).units() == c.reserved);
    CHECK(local_gateway::final_price(rules, order).units() == c.charged);
  }
}

TEST_CASE("validation: a video's limits, each to its edge") {
  using namespace std::chrono_literals;
  struct Case {
    char const* name;
    char const* model;
    local_gateway::VideoFile video;
    bool facing_image;
    bool good;
  };
  local_gateway::VideoFile const fine{
      .bytes = 1'000'000, .width = 1280, .height = 720, .length = 8s, .fps = 30, .has_sound = false};
  auto const with = [&](auto change) {
    local_gateway::VideoFile video = fine;
    change(video);
    return video;
  };
  for (Case const& c : {
           Case{"fine", "kling-v3-motion-control", fine, false, true},
           Case{"3 s", "kling-v3-motion-control", with([](auto& v) { v.length = 3s; }), false, true},
           Case{"less", "kling-v3-motion-control", with([](auto& v) { v.length = 2999ms; }), false, false},
           Case{"30 s", "kling-v3-motion-control", with([](auto& v) { v.length = 30s; }), false, true},
           Case{"30 s facing", "kling-v3-motion-control", with([](auto& v) { v.length = 30s; }), true, false},
           Case{"10 s facing", "kling-v3-motion-control", with([](auto& v) { v.length = 10s; }), true, true},
           Case{"340 px", "kling-v3-motion-control", with([](auto& v) { v.height = 340; }), false, true},
           Case{"339 px", "kling-v3-motion-control", with([](auto& v) { v.height = 339; }), false, false},
           Case{"12 fps", "kling-v3-motion-control", with([](auto& v) { v.fps = 12; }), false, true},
           Case{"24 fps", "kling-o3-video-edit", with([](auto& v) { v.fps = 24; }), false, true},
           Case{"23 fps", "kling-o3-video-edit", with([](auto& v) { v.fps = 23; }), false, false},
           Case{"61 fps", "kling-o3-video-edit", with([](auto& v) { v.fps = 61; }), false, false},
           Case{"719 px", "kling-o3-video-edit", with([](auto& v) { v.height = 719; }), false, false},
           Case{"long", "kling-o3-video-edit", with([](auto& v) { v.length = 300s; }), false, true},
           Case{"10 s", "kling-o1-video-edit", with([](auto& v) { v.length = 10s; }), false, true},
           Case{"11 s", "kling-o1-video-edit", with([](auto& v) { v.length = 11s; }), false, false},
           Case{"5 s", "kling-o1-video-edit-fast", with([](auto& v) { v.length = 5s; }), false, false},
       }) {
    CAPTURE(c.name);
    CAPTURE(c.model);
    auto const refused =
        local_gateway::video_refused(c.video, *local_gateway::find_model(c.model), c.facing_image);
    CHECK(refused.has_value() != c.good);
  }
}

TEST_CASE("uploads: a video is taken, looked at, and judged by the model that gets it") {
  GatewayFixture const fixture;
  std::string const video = fixture.upload(sway(), "sway.mp4");
  std::string const hero = fixture.upload(png_of(400, 300), "hero.png");
  HttpAnswer const back = fixture.get(GatewayFixture::path_of_url(video));
  CHECK(back.header("Content-Type") == "video/mp4");
  CHECK((back.body == sway()));

  json order = motion({{"image_urls", json::array({hero})}, {"video_urls", json::array({video})}});
  json const task = json_of(fixture.create(order));
  CHECK(task.at("task_info").at("video_duration") == 6);
  CHECK(fixture.wait_for_end(task.at("id")).at("status") == "completed");
  CHECK(fixture.bill().lines.front().charged == Credits::from_units(489'888));  // 6 s of 8.1648

  // A picture is no video, a video no picture, and 720 px is too narrow for none of them but 10 s may be too
  // long.
  order["video_urls"] = json::array({hero});
  CHECK(json_of(fixture.create(order)).at("error").at("param") == "video_urls");
  order["video_urls"] = json::array({video});
  order["image_urls"] = json::array({video});
  CHECK(json_of(fixture.create(order)).at("error").at("param") == "image_urls");
  CHECK(fixture.create(of("kling-o1-video-edit", {{"video_urls", json::array({video})}})).status == 200);
}

TEST_CASE("uploads: what only begins like a video is refused, and not kept") {
  GatewayFixture const fixture;
  using namespace std::string_literals;
  std::string const begins_well =
      "\0\0\0\x18"
      "ftypmp42 and then nothing"s;
  json const body{{"base64_data", base64(begins_well)}, {"file_name", "v.mp4"}};
  HttpAnswer const answer = fixture.post("/api/v1/files/upload/base64", body.dump());
  CHECK(answer.status == 400);
  CHECK(json_of(answer).at("code") == 40002);
  CHECK(json_of(fixture.get("/api/v1/files/quota")).at("data").at("used_files") == 0);
}
