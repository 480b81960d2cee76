#include "tests/local_gateway/gateway_fixture.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tools/local_gateway/validation.hpp"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using local_gateway::Options;
using local_gateway::read_order;
using local_gateway::TaskState;
using nlohmann::json;

namespace {

constexpr char const* anywhere = "https://example.com/a.png";

json images(int references) {
  json list = json::array();
  for (int i = 0; i < references; ++i) list.push_back({{"image_url", anywhere}});
  return {{"frontal_image", anywhere}, {"refer_images", std::move(list)}};
}

/// An element of pictures, with some of its parameters otherwise; null takes one away.
json element(json const& otherwise = json::object()) {
  json params{{"element_name", "hero"},
              {"element_description", "a red fox in a coat"},
              {"reference_type", "image_refer"},
              {"element_image_list", images(1)}};
  params.merge_patch(otherwise);
  return {{"model", "kling-custom-element"}, {"model_params", std::move(params)}};
}

json of_video(json const& list, json const& otherwise = json::object()) {
  json params{
      {"reference_type", "video_refer"}, {"element_image_list", nullptr}, {"element_video_list", list}};
  params.update(otherwise);
  return element(params);
}

json shows(std::string const& model, std::string const& id) {
  json order{{"model", model},
             {"prompt", "<<<element_1>>> walks"},
             {"model_params", {{"element_list", json::array({{{"element_id", id}}})}}}};
  if (model == "kling-v3-image-to-video") order["image_start"] = anywhere;
  return order;
}

std::string made(GatewayFixture const& fixture, json const& order) {
  json const task = fixture.wait_for_end(fixture.create_task(order));
  REQUIRE(task.at("status") == "completed");
  return task.at("result_data").at("element_id");
}

}  // namespace

TEST_CASE("elements: what a request for one must hold, and what it must not") {
  struct Case {
    char const* name;
    json order;
    char const* param;  ///< of the refusal; empty: accepted
  };
  json with_prompt = element();
  with_prompt["prompt"] = "p";
  json bare = element();
  std::string twenty_wide;
  for (int i = 0; i < 20; ++i) twenty_wide += "\u00e9";
  bare.erase("model_params");
  for (Case const& c : {
           Case{"of two pictures", element(), ""},
           Case{"of four pictures", element({{"element_image_list", images(3)}}), ""},
           Case{"of a video", of_video({{"refer_videos", json::array({{{"video_url", anywhere}}})}}), ""},
           Case{"of a video, as older pages say", of_video({{"video_url", anywhere}}), ""},
           Case{"20 characters of name", element({{"element_name", std::string(20, 'n')}}), ""},
           Case{"20 characters of more bytes",
                element({{"element_name", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"}}),
                ""},
           Case{"no name", element({{"element_name", nullptr}}), "model_params.element_name"},
           Case{"21 characters of name", element({{"element_name", std::string(21, 'n')}}),
                "model_params.element_name"},
           Case{"no description", element({{"element_description", nullptr}}),
                "model_params.element_description"},
           Case{"101 characters of description", element({{"element_description", std::string(101, 'd')}}),
                "model_params.element_description"},
           Case{"no type", element({{"reference_type", nullptr}}), "model_params.reference_type"},
           Case{"another type", element({{"reference_type", "sound_refer"}}), "model_params.reference_type"},
           Case{"no pictures", element({{"element_image_list", nullptr}}), "model_params.element_image_list"},
           Case{"no frontal picture", element({{"element_image_list", {{"frontal_image", nullptr}}}}),
                "model_params.element_image_list.frontal_image"},
           Case{"no other picture", element({{"element_image_list", images(0)}}),
                "model_params.element_image_list.refer_images"},
           Case{"four others", element({{"element_image_list", images(4)}}),
                "model_params.element_image_list.refer_images"},
           Case{
               "a picture that is no URL",
               element({{"element_image_list", {{"refer_images", json::array({{{"image_url", "a.png"}}})}}}}),
               "model_params.element_image_list.refer_images[0].image_url"},
           Case{"pictures and a video", element({{"element_video_list", {{"video_url", anywhere}}}}),
                "model_params.element_video_list"},
           Case{"two videos",
                of_video(
                    {{"refer_videos", json::array({{{"video_url", anywhere}}, {{"video_url", anywhere}}})}}),
                "model_params.element_video_list.refer_videos"},
           Case{"a voice without a video", element({{"element_voice_id", "v"}}),
                "model_params.element_voice_id"},
           Case{"a voice that is no text", of_video({{"video_url", anywhere}}, {{"element_voice_id", 7}}),
                "model_params.element_voice_id"},
           Case{"a prompt", with_prompt, "prompt"},
           Case{"no parameters", bare, "model_params"},
           Case{"an unknown parameter", element({{"element_colour", "red"}}), "model_params.element_colour"},
       }) {
    CAPTURE(c.name);
    auto const order = read_order(c.order);
    std::string const refused = order ? std::string{} : order.error().param;
    CHECK(refused == c.param);
  }
}

TEST_CASE("elements: one is made, billed once, and has no clip") {
  GatewayFixture const fixture;
  HttpAnswer const answer = fixture.create(element());
  REQUIRE(answer.status == 200);
  json const created = json_of(answer);
  CHECK(created.at("usage").at("billing_rule") == "per_call");
  CHECK(created.at("usage").at("credits_reserved") == 0.001);
  CHECK_FALSE(created.at("task_info").contains("video_duration"));
  json const task = fixture.wait_for_end(created.at("id"));
  CHECK(task.at("status") == "completed");
  CHECK_FALSE(task.contains("results"));
  CHECK_FALSE(task.at("result_data").at("element_id").get<std::string>().empty());
  REQUIRE(fixture.bill().lines.size() == 1);
  CHECK(fixture.bill().lines[0].charged == Credits::from_units(10));
  CHECK(fixture.bill().charged == Credits::from_units(10));
}

TEST_CASE("elements: a request may show those that were made, of what its model takes") {
  GatewayFixture const fixture;
  std::string const hero = made(fixture, element());
  std::string const walker = made(fixture, of_video({{"video_url", "https://example.com/a.mp4"}}));
  CHECK(hero != walker);
  struct Case {
    char const* name;
    char const* model;
    std::string id;
    int status;
  };
  for (Case const& c : {
           Case{"of pictures, first frame", "kling-v3-image-to-video", hero, 200},
           Case{"of pictures, o3", "kling-o3-text-to-video", hero, 200},
           Case{"of a video, o3", "kling-o3-text-to-video", walker, 200},
           Case{"of a video where pictures are wanted", "kling-v3-image-to-video", walker, 400},
           Case{"one nobody made", "kling-o3-text-to-video", "element-0123456789abcdef", 400},
       }) {
    CAPTURE(c.name);
    HttpAnswer const answer = fixture.create(shows(c.model, c.id));
    CHECK(answer.status == c.status);
    if (c.status == 200) continue;
    CHECK(json_of(answer).at("error").at("code") == "invalid_request");
    CHECK(json_of(answer).at("error").at("param") == "model_params.element_list[0].element_id");
  }
}

TEST_CASE("elements: a rehearsal may show those of another account, and none that should be known here") {
  Options options = GatewayFixture::quick();
  options.foreign_elements = true;
  GatewayFixture const fixture{options};
  CHECK(fixture.create(shows("kling-v3-image-to-video", "el_123")).status == 200);
  CHECK(fixture.create(shows("kling-v3-image-to-video", "element-0123456789abcdef")).status == 400);
  std::string const walker = made(fixture, of_video({{"video_url", "https://example.com/a.mp4"}}));
  CHECK(fixture.create(shows("kling-v3-image-to-video", walker)).status == 400);
}

TEST_CASE("elements: one that failed, or is not ready, cannot be shown") {
  SUBCASE("failed: refunded, and no id") {
    Options options = GatewayFixture::quick();
    options.fail_ratio = 1;
    GatewayFixture const fixture{options};
    json const task = fixture.wait_for_end(fixture.create_task(element()));
    CHECK(task.at("status") == "failed");
    CHECK_FALSE(task.contains("result_data"));
    CHECK(fixture.bill().charged == Credits{});
  }
  SUBCASE("running: its id is told when it is there") {
    ManualClock clock;
    Options options = GatewayFixture::quick();
    options.clock = &clock;
    options.latency_scale = 1;
    GatewayFixture const fixture{options};
    std::string const id = fixture.create_task(element());
    CHECK_FALSE(json_of(fixture.get("/v1/tasks/" + id)).contains("result_data"));
  }
}

TEST_CASE("elements: uploaded pictures and videos are looked at") {
  GatewayFixture const fixture;
  std::string const good = fixture.upload(png_of(400, 300), "front.png");
  std::string const small = fixture.upload(png_of(200, 200), "small.png");
  std::string const video = fixture.upload(sway(), "sway.mp4");
  auto const with = [&](std::string const& frontal) {
    return fixture.create(element({{"element_image_list", {{"frontal_image", frontal}}}}));
  };
  CHECK(with(good).status == 200);
  for (std::string const& bad : {small, video}) {
    HttpAnswer const answer = with(bad);
    CHECK(answer.status == 400);
    CHECK(json_of(answer).at("error").at("param") == "model_params.element_image_list");
  }
  HttpAnswer const picture = fixture.create(of_video({{"video_url", good}}));
  CHECK(picture.status == 400);
  CHECK(json_of(picture).at("error").at("param") == "model_params.element_video_list");
}

TEST_CASE("elements: after a restart they are known by the same ids") {
  TemporaryFolder const folder;
  Options options = GatewayFixture::quick();
  options.state_dir = folder.path() / "state";
  std::string hero;
  {
    GatewayFixture fixture{options};
    hero = made(fixture, element());
    fixture.stop();
  }
  GatewayFixture const fixture{options};
  CHECK(fixture.bill().charged == Credits::from_units(10));
  CHECK(fixture.create(shows("kling-v3-image-to-video", hero)).status == 200);
}

TEST_CASE("elements: motion control takes one beside its picture") {
  auto const order = [](int elements) {
    json list = json::array();
    for (int i = 0; i < elements; ++i) list.push_back({{"element_id", "e"}});
    return read_order({{"model", "kling-v3-motion-control"},
                       {"image_urls", {anywhere}},
                       {"video_urls", {"https://example.com/v.mp4"}},
                       {"model_params", {{"character_orientation", "video"}, {"element_list", list}}}});
  };
  CHECK(order(1).has_value());
  CHECK_FALSE(order(2).has_value());
}
