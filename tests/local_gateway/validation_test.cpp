#include "tools/local_gateway/validation.hpp"

#include "tests/local_gateway/gateway_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using local_gateway::Order;
using local_gateway::read_order;
using local_gateway::Refusal;
using nlohmann::json;

namespace {

constexpr char const* url = "https://example.com/a.png";

json t2v(json const& more = json::object()) {
  json order{{"model", "kling-v3-text-to-video"}, {"prompt", "a"}};
  order.update(more);
  return order;
}
json i2v(json const& more = json::object()) {
  json order{{"model", "kling-v3-image-to-video"}, {"image_start", url}};
  order.update(more);
  return order;
}
json turbo_t2v(json const& more = json::object()) {
  json order{{"model", "kling-v3-turbo-text-to-video"}, {"prompt", "a"}};
  order.update(more);
  return order;
}
json turbo_i2v(json const& more = json::object()) {
  json order{{"model", "kling-v3-turbo-image-to-video"}, {"image_start", url}};
  order.update(more);
  return order;
}
json o3_t2v(json const& more = json::object()) {
  json order{{"model", "kling-o3-text-to-video"}, {"prompt", "a"}};
  order.update(more);
  return order;
}
json o3_i2v(json const& more = json::object()) {
  json order{{"model", "kling-o3-image-to-video"}, {"prompt", "a"}, {"image_start", url}};
  order.update(more);
  return order;
}
json without(json order, char const* name) {
  order.erase(name);
  return order;
}
json params(json const& value) {
  return {{"model_params", value}};
}
json shot(int index, std::string const& prompt, json const& duration) {
  return {{"index", index}, {"prompt", prompt}, {"duration", duration}};
}
json shots(json const& list) {
  return {{"multi_shot", true}, {"shot_type", "customize"}, {"multi_prompt", list}};
}
json with_shots(json const& list, int duration = 5) {
  json more = params(shots(list));
  more["duration"] = duration;
  return more;
}
json elements(std::size_t count) {
  json list = json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back({{"element_id", "e" + std::to_string(i)}});
  return params({{"element_list", list}});
}
std::string repeated(std::string const& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}
json urls(std::size_t count) {
  return json(std::vector<std::string>(count, url));
}

}  // namespace

TEST_CASE("validation: what the documents allow passes") {
  struct Case {
    char const* name;
    json body;
  };
  json const two = json::array({shot(1, "a", "2"), shot(2, "b", "3")});
  json six = json::array();
  for (int i = 1; i <= 6; ++i) six.push_back(shot(i, repeated("ü", 512), "1"));
  json full = elements(3);
  full["image_urls"] = urls(3);
  json empty_prompt = t2v(with_shots(two));
  empty_prompt["prompt"] = "";
  for (Case const& c : {
           Case{"defaults", t2v()},
           Case{"shortest", t2v({{"duration", 3}})},
           Case{"longest", t2v({{"duration", 15}})},
           Case{"4k with sound", t2v({{"quality", "4k"}, {"sound", "on"}})},
           Case{"ratio", t2v({{"aspect_ratio", "9:16"}})},
           Case{"null means absent", t2v({{"aspect_ratio", nullptr}})},
           Case{"2500 characters of two bytes", t2v({{"prompt", repeated("ü", 2500)}})},
           Case{"negative prompt", t2v({{"negative_prompt", "blur"}})},
           Case{"customised shots, no prompt", without(t2v(with_shots(two)), "prompt")},
           Case{"customised shots, empty prompt", empty_prompt},
           Case{"six shots of 512 characters", t2v(with_shots(six, 6))},
           Case{"intelligent shots", t2v(params({{"multi_shot", true}, {"shot_type", "intelligence"}}))},
           Case{"watermark", t2v(params({{"watermark_info", {{"enabled", true}}}}))},
           Case{"callback", t2v({{"callback_url", "https://hooks.example.com/x"}})},
           Case{"first frame alone", i2v()},
           Case{"end frame", i2v({{"image_end", url}})},
           Case{"three elements", i2v(elements(3))},
           Case{"turbo", turbo_t2v({{"aspect_ratio", "1:1"}, {"quality", "1080p"}})},
           Case{"turbo image", turbo_i2v({{"duration", 15}})},
           Case{"o3 with seven elements", o3_t2v(elements(7))},
           Case{"o3 frames", o3_i2v({{"image_end", url}, {"aspect_ratio", "1:1"}})},
           Case{"o3 references alone", without(o3_i2v({{"image_urls", urls(2)}}), "image_start")},
           Case{"o3 with 7 images and elements", o3_i2v(full)},
           Case{"o3 shots without prompt", without(o3_i2v(with_shots(two)), "prompt")},
       }) {
    CAPTURE(c.name);
    auto const order = read_order(c.body);
    CHECK_MESSAGE(order.has_value(), (order ? std::string{} : order.error().message));
  }
}

TEST_CASE("validation: what they do not is 400 invalid_request with the parameter that is wrong") {
  struct Case {
    char const* name;
    json body;
    char const* param;
  };
  json const two = json::array({shot(1, "a", "2"), shot(2, "b", "3")});
  json seven = json::array();
  for (int i = 1; i <= 7; ++i) seven.push_back(shot(i, "a", "1"));
  json shots_and_end = with_shots(two);
  shots_and_end["image_end"] = url;
  json eight = elements(3);
  eight["image_urls"] = urls(4);
  char const* const list = "model_params.multi_prompt";
  for (Case const& c : {
           Case{"not an object", json::array(), ""},
           Case{"no model", without(t2v(), "model"), "model"},
           Case{"model of a wrong type", t2v({{"model", 3}}), "model"},
           Case{"unknown model", t2v({{"model", "kling-v2"}}), "model"},
           Case{"unknown field", t2v({{"seed", 3}}), "seed"},
           Case{"no prompt", without(t2v(), "prompt"), "prompt"},
           Case{"empty prompt", t2v({{"prompt", ""}}), "prompt"},
           Case{"prompt of a wrong type", t2v({{"prompt", 7}}), "prompt"},
           Case{"2501 characters", t2v({{"prompt", repeated("ü", 2501)}}), "prompt"},
           Case{"negative prompt too long", i2v({{"negative_prompt", repeated("x", 2501)}}),
                "negative_prompt"},
           Case{"too short", t2v({{"duration", 2}}), "duration"},
           Case{"too long", t2v({{"duration", 16}}), "duration"},
           Case{"far too long", t2v({{"duration", 99999999999}}), "duration"},
           Case{"duration as a string", t2v({{"duration", "5"}}), "duration"},
           Case{"duration as a fraction", t2v({{"duration", 5.5}}), "duration"},
           Case{"quality", t2v({{"quality", "480p"}}), "quality"},
           Case{"sound as a bool", t2v({{"sound", true}}), "sound"},
           Case{"sound", t2v({{"sound", "loud"}}), "sound"},
           Case{"ratio", t2v({{"aspect_ratio", "4:3"}}), "aspect_ratio"},
           Case{"params of a wrong type", t2v({{"model_params", "x"}}), "model_params"},
           Case{"unknown in params", t2v(params({{"shots", 3}})), "model_params.shots"},
           Case{"elements in text-to-video", t2v(elements(1)), "model_params.element_list"},
           Case{"image in text-to-video", t2v({{"image_start", url}}), "image_start"},
           Case{"multi_shot as a string", t2v(params({{"multi_shot", "true"}})), "model_params.multi_shot"},
           Case{"no shot_type", t2v(params({{"multi_shot", true}})), "model_params.shot_type"},
           Case{"shot_type", t2v(params({{"multi_shot", true}, {"shot_type", "x"}})),
                "model_params.shot_type"},
           Case{"intelligence without prompt",
                without(t2v(params({{"multi_shot", true}, {"shot_type", "intelligence"}})), "prompt"),
                "prompt"},
           Case{"no shots", t2v(params({{"multi_shot", true}, {"shot_type", "customize"}})), list},
           Case{"zero shots", t2v(with_shots(json::array())), list},
           Case{"seven shots", t2v(with_shots(seven, 7)), list},
           Case{"shots do not add up", t2v(with_shots(two, 6)), list},
           Case{"shot is no object", t2v(with_shots(json::array({"x"}))), "model_params.multi_prompt[0]"},
           Case{"index from 0", t2v(with_shots(json::array({shot(0, "a", "5")}))),
                "model_params.multi_prompt[0].index"},
           Case{"shot duration as a number", t2v(with_shots(json::array({shot(1, "a", 5)}))),
                "model_params.multi_prompt[0].duration"},
           Case{"shot duration zero", t2v(with_shots(json::array({shot(1, "a", "0"), shot(2, "a", "5")}))),
                "model_params.multi_prompt[0].duration"},
           Case{"shot duration with a unit", t2v(with_shots(json::array({shot(1, "a", "5s")}))),
                "model_params.multi_prompt[0].duration"},
           Case{"shot prompt too long", t2v(with_shots(json::array({shot(1, repeated("ü", 513), "5")}))),
                "model_params.multi_prompt[0].prompt"},
           Case{"shot prompt empty", t2v(with_shots(json::array({shot(1, "", "5")}))),
                "model_params.multi_prompt[0].prompt"},
           Case{"watermark as a bool", t2v(params({{"watermark_info", true}})),
                "model_params.watermark_info"},
           Case{"watermark enabled as a string", t2v(params({{"watermark_info", {{"enabled", "yes"}}}})),
                "model_params.watermark_info.enabled"},
           Case{"no first frame", without(i2v(), "image_start"), "image_start"},
           Case{"first frame no URL", i2v({{"image_start", "hero.png"}}), "image_start"},
           Case{"end frame no URL", i2v({{"image_end", "ftp://x/y"}}), "image_end"},
           Case{"end frame with shots", i2v(shots_and_end), "image_end"},
           Case{"four elements", i2v(elements(4)), "model_params.element_list"},
           Case{"element without id", i2v(params({{"element_list", {{{"id", "e"}}}}})),
                "model_params.element_list[0].id"},
           Case{"ratio in image-to-video", i2v({{"aspect_ratio", "16:9"}}), "aspect_ratio"},
           Case{"turbo sound", turbo_t2v({{"sound", "on"}}), "sound"},
           Case{"turbo 4k", turbo_t2v({{"quality", "4k"}}), "quality"},
           Case{"turbo params", turbo_t2v(params(json::object())), "model_params"},
           Case{"turbo negative prompt", turbo_t2v({{"negative_prompt", "x"}}), "negative_prompt"},
           Case{"turbo end frame", turbo_i2v({{"image_end", url}}), "image_end"},
           Case{"o3 negative prompt", o3_t2v({{"negative_prompt", "x"}}), "negative_prompt"},
           Case{"o3 intelligence", o3_t2v(params({{"multi_shot", true}, {"shot_type", "intelligence"}})),
                "model_params.shot_type"},
           Case{"o3 eight elements", o3_t2v(elements(8)), "model_params.element_list"},
           Case{"o3 no image", without(o3_i2v(), "image_start"), "image_start"},
           Case{"o3 no prompt", without(o3_i2v(), "prompt"), "prompt"},
           Case{"o3 end without start", without(o3_i2v({{"image_end", url}}), "image_start"), "image_end"},
           Case{"o3 end with three images", o3_i2v({{"image_end", url}, {"image_urls", urls(1)}}),
                "image_end"},
           Case{"o3 eight images and elements", o3_i2v(eight), "image_urls"},
           Case{"o3 reference no URL", o3_i2v({{"image_urls", {"x"}}}), "image_urls"},
           Case{"callback over http", t2v({{"callback_url", "http://hooks.example.com/"}}), "callback_url"},
           Case{"callback to 10.x", t2v({{"callback_url", "https://10.1.2.3/x"}}), "callback_url"},
           Case{"callback to 172.16", t2v({{"callback_url", "https://172.20.0.1:99/x"}}), "callback_url"},
           Case{"callback to localhost", t2v({{"callback_url", "https://localhost/x"}}), "callback_url"},
           Case{"callback to ::1", t2v({{"callback_url", "https://[::1]/x"}}), "callback_url"},
           Case{"callback too long", t2v({{"callback_url", "https://a.b/" + repeated("x", 2048)}}),
                "callback_url"},
       }) {
    CAPTURE(c.name);
    auto const order = read_order(c.body);
    CHECK(!order.has_value());
    if (order) continue;
    CHECK(order.error().status == 400);
    CHECK(order.error().code == "invalid_request");
    CHECK(order.error().param == c.param);
  }
}

TEST_CASE("validation: defaults and values arrive in the order") {
  Order const plain = read_order(t2v()).value();
  CHECK(plain.seconds == 5);
  CHECK(plain.quality == "720p");
  CHECK(!plain.sound);
  REQUIRE(plain.ratio.has_value());
  CHECK(plain.ratio->width == 16);
  CHECK_FALSE(read_order(i2v()).value().ratio.has_value());
  Order const rich = read_order(t2v(with_shots(json::array({shot(1, "a", "2"), shot(2, "b", "3")})))).value();
  REQUIRE(rich.shots.size() == 2);
  CHECK(rich.shots[1].prompt == "b");
  CHECK(rich.shots[1].seconds == 3);
}

TEST_CASE("validation over HTTP: refused requests cost nothing and leave no task") {
  GatewayFixture const fixture;
  HttpAnswer const refused = fixture.create(t2v({{"duration", 16}}));
  CHECK(refused.status == 400);
  CHECK(json_of(refused).at("error").at("code") == "invalid_request");
  CHECK(json_of(refused).at("error").at("type") == "invalid_request_error");
  CHECK(json_of(refused).at("error").at("param") == "duration");
  CHECK(fixture.post("/v1/videos/generations", "{\"model\":").status == 400);
  CHECK(fixture.post("/v1/videos/generations", "{\"model\":\"\xff\"}").status == 400);
  CHECK(fixture.bill().lines.empty());
  CHECK(fixture.bill().remaining == fixture.bill().opening);
}
