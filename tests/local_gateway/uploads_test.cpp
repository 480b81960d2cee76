#include "tests/local_gateway/gateway_fixture.hpp"
#include "tests/support/scripted_server.hpp"
#include "tools/local_gateway/image_file.hpp"
#include "tools/local_gateway/multipart.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using nlohmann::json;

namespace {

std::string form(std::string const& name, std::string const& file_name, std::string const& content) {
  return "--XyZ\r\nContent-Disposition: form-data; name=\"upload_path\"\r\n\r\nspring/hero\r\n"
         "--XyZ\r\nContent-Disposition: form-data; name=\"" +
         name + "\"; filename=\"" + file_name + "\"\r\nContent-Type: image/png\r\n\r\n" + content +
         "\r\n--XyZ--\r\n";
}

http::Headers const form_headers{{"Content-Type", "multipart/form-data; boundary=XyZ"}};

json order_with(std::string const& model, std::string const& image) {
  return {{"model", model}, {"prompt", "a"}, {"image_start", image}};
}

}  // namespace

TEST_CASE("uploads: base64 and form both give a public link to the same bytes") {
  GatewayFixture const fixture;
  std::string const png = png_of(400, 300);
  json const body{{"base64_data", "data:image/png;base64," + base64(png)}, {"file_name", "a b/../c.png"}};
  json const first = json_of(fixture.post("/api/v1/files/upload/base64", body.dump()));
  CHECK(first.at("success") == true);
  CHECK(first.at("code") == 200);
  json const& data = first.at("data");
  CHECK(data.at("original_name") == "a b/../c.png");
  CHECK(data.at("file_name") == "a-b-..-c.png");
  CHECK(data.at("file_size") == png.size());
  CHECK(data.at("mime_type") == "image/png");
  CHECK(data.at("expires_at").get<std::string>().ends_with("+08:00"));
  for (char const* const link : {"file_url", "download_url"}) {
    CAPTURE(link);
    HttpAnswer const answer = fixture.get(GatewayFixture::path_of_url(data.at(link)));
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type") == "image/png");
    CHECK((answer.body == png));
  }
  HttpAnswer const second =
      fixture.post("/api/v1/files/upload/stream", form("file", "hero.png", png), form_headers);
  REQUIRE(second.status == 200);
  CHECK(json_of(second).at("data").at("upload_path") == "spring/hero");
  CHECK((fixture.get("/files/spring/hero/hero.png").body == png));
  json const quota = json_of(fixture.get("/api/v1/files/quota")).at("data");
  CHECK(quota.at("used_files") == 2);
  CHECK(quota.at("remain_files") == 1998);
}

TEST_CASE("uploads: a file is taken from where it stands, as far as the gateway's reach goes") {
  std::string const png = png_of(400, 300);
  std::atomic<bool> hanging = false;
  ScriptedServer const source{[&](Conversation& conversation) {
    std::string const head = conversation.read_head();
    if (head.starts_with("GET /pictures/hero.png?v=2 ")) conversation.write(http_answer("200 OK", png));
    if (head.starts_with("GET /text ")) conversation.write(http_answer("200 OK", "no picture"));
    if (head.starts_with("GET /gone ")) conversation.write(http_answer("404 Not Found", png));
    if (!head.starts_with("GET /hangs ")) return;
    hanging = true;
    static_cast<void>(conversation.read_head());
  }};
  auto const from = [&](GatewayFixture const& fixture, json const& body) {
    return fixture.post("/api/v1/files/upload/url", body.dump());
  };
  local_gateway::Options options = GatewayFixture::quick();
  options.reach = local_gateway::Reach::anywhere;
  GatewayFixture const fixture{options};
  HttpAnswer const answer =
      from(fixture, {{"file_url", source.address() + "/pictures/hero.png?v=2"}, {"upload_path", "spring"}});
  REQUIRE(answer.status == 200);
  CHECK_FALSE(answer.header("x-request-id").empty());
  CHECK(json_of(answer).at("data").at("file_name") == "hero.png");
  CHECK((fixture.get("/files/spring/hero.png").body == png));
  for (auto const& [path, code] : {std::pair{"/text", 40002}, std::pair{"/gone", 40004}}) {
    CAPTURE(path);
    HttpAnswer const refused = from(fixture, {{"file_url", source.address() + path}});
    CHECK(refused.status == 400);
    CHECK(json_of(refused).at("code") == code);
  }
  for (json const& body : {json::object(), json{{"file_url", "hero.png"}}, json{{"file_url", 7}}})
    CHECK(json_of(from(fixture, body)).at("code") == 400);

  GatewayFixture const strict;
  int const before = source.connections();
  HttpAnswer const refused = from(strict, {{"file_url", source.address() + "/pictures/hero.png?v=2"}});
  CHECK(json_of(refused).at("code") == 40004);
  CHECK(source.connections() == before);

  // A source that hangs does not hold up the end.
  GatewayFixture ending{options};
  std::thread asks{[&] {
    static_cast<void>(call({ending.gateway().port(),
                            "POST",
                            "/api/v1/files/upload/url",
                            {{"Authorization", "Bearer test-key"}},
                            json{{"file_url", source.address() + "/hangs"}}.dump()}));
  }};
  while (!hanging) std::this_thread::yield();
  auto const began = std::chrono::steady_clock::now();
  ending.stop();
  CHECK(std::chrono::steady_clock::now() - began <
        std::chrono::seconds{20});  // the source would be waited for longer
  asks.join();
}

TEST_CASE("uploads: the same name in the same path replaces the file") {
  GatewayFixture const fixture;
  std::string const first = fixture.upload(png_of(400, 300), "hero.png");
  std::string const second = fixture.upload(png_of(500, 300), "hero.png");
  CHECK(first == second);
  CHECK((fixture.get(GatewayFixture::path_of_url(first)).body == png_of(500, 300)));
  CHECK(json_of(fixture.get("/api/v1/files/quota")).at("data").at("used_files") == 1);
}

TEST_CASE("uploads: what cannot be taken is refused with the files host's codes") {
  GatewayFixture const fixture;
  auto const base64_code = [&](json const& body) {
    return json_of(fixture.post("/api/v1/files/upload/base64", body.dump())).at("code").get<int>();
  };
  CHECK(base64_code(json::object()) == 400);
  CHECK(base64_code({{"base64_data", "???"}}) == 400);
  CHECK(base64_code({{"base64_data", base64("just text")}}) == 40002);
  CHECK(base64_code({{"base64_data", base64("\x89PNG\r\n\x1a\n torn")}}) == 40002);
  CHECK(fixture.post("/api/v1/files/upload/stream", "x", form_headers).status == 400);
  CHECK(fixture.post("/api/v1/files/upload/stream", form("data", "a.png", "x"), form_headers).status == 400);
  CHECK(fixture.get("/files/uploads/nothing.png").status == 404);
}

TEST_CASE("frames: pictures uploaded here are checked by content, size and ratio before any credit is held") {
  GatewayFixture const fixture;
  struct Case {
    char const* name;
    int width, height, status;
  };
  for (Case const& c :
       {Case{"smallest", 300, 300, 200}, Case{"too narrow", 299, 300, 400}, Case{"too flat", 300, 299, 400},
        Case{"widest", 750, 300, 200}, Case{"too wide", 751, 300, 400}, Case{"tallest", 300, 750, 200},
        Case{"too tall", 300, 751, 400}}) {
    CAPTURE(c.name);
    std::string const link = fixture.upload(png_of(c.width, c.height), std::string{c.name} + ".jpg");
    HttpAnswer const answer = fixture.create(order_with("kling-v3-image-to-video", link));
    CHECK(answer.status == c.status);
    if (c.status == 400) CHECK(json_of(answer).at("error").at("param") == "image_start");
  }
  std::size_t const accepted = fixture.bill().lines.size();
  CHECK(accepted == 3);
}

TEST_CASE("frames: 10 MB for most models, 50 MB for turbo; gif is no frame; a dead link is said to be one") {
  GatewayFixture const fixture;
  std::string const large =
      fixture.upload(png_of(400, 400) + std::string(10 * 1024 * 1024, '\0'), "large.png");
  CHECK(fixture.create(order_with("kling-v3-image-to-video", large)).status == 400);
  CHECK(fixture.create(order_with("kling-v3-turbo-image-to-video", large)).status == 200);
  std::string const gif =
      fixture.upload(std::string("GIF89a\x90\x01\x90\x01\x80\0\0\0\0\0\xff\xff\xff,", 20), "a.gif");
  CHECK(fixture.create(order_with("kling-v3-image-to-video", gif)).status == 400);
  std::string const gone = large.substr(0, large.rfind('/')) + "/gone.png";
  HttpAnswer const answer = fixture.create(order_with("kling-v3-image-to-video", gone));
  CHECK(answer.status == 400);
  CHECK(json_of(answer).at("error").at("message").get<std::string>().find("cannot be fetched") !=
        std::string::npos);
  CHECK(fixture.create(order_with("kling-v3-image-to-video", "https://example.com/a.png")).status == 200);
}

TEST_CASE("base64 and forms: malformed input reads as nothing") {
  using local_gateway::base64_decoded;
  using local_gateway::read_form;
  CHECK(base64_decoded("aGk=") == "hi");
  CHECK(base64_decoded("aG\r\nk") == "hi");
  CHECK(base64_decoded("data:text/plain,hi").empty());
  CHECK(base64_decoded("a!k=").empty());
  CHECK(read_form("multipart/form-data; boundary=b", "--b\r\n\r\nno end").empty());
  CHECK(read_form("multipart/form-data", "--b--").empty());
  CHECK(read_form("text/plain; boundary=b", "--b--").empty());
  auto const parts = read_form("multipart/form-data; boundary=\"b\"",
                               "--b\r\ncontent-disposition: form-data; name=x\r\n\r\n\r\n--b--");
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].name == "x");
  CHECK(parts[0].content.empty());
}
