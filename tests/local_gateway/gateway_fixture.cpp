#include "tests/local_gateway/gateway_fixture.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace callsheet::test {

using nlohmann::json;

local_gateway::Options GatewayFixture::quick() {
  local_gateway::Options options;
  options.render = local_gateway::Render::fast;
  options.latency_scale = 0;
  options.on_fault = [](std::string_view what) { MESSAGE("gateway fault: ", std::string{what}); };
  return options;
}

GatewayFixture::GatewayFixture(local_gateway::Options options) {
  auto started = local_gateway::LocalGateway::start(std::move(options));
  REQUIRE_MESSAGE(started.has_value(), (started ? std::string{} : started.error().what));
  gateway_ = *std::move(started);
}

HttpAnswer GatewayFixture::get(std::string const& target, http::Headers headers) const {
  headers.push_back({"Authorization", "Bearer test-key"});
  return call({gateway_->port(), "GET", target, std::move(headers)});
}

HttpAnswer GatewayFixture::post(std::string const& target, std::string body, http::Headers headers) const {
  headers.push_back({"Authorization", "Bearer test-key"});
  return call({gateway_->port(), "POST", target, std::move(headers), std::move(body)});
}

HttpAnswer GatewayFixture::create(json const& body, std::string const& idempotency_key) const {
  http::Headers headers;
  if (!idempotency_key.empty()) headers.push_back({"Idempotency-Key", idempotency_key});
  return post("/v1/videos/generations", body.dump(), headers);
}

std::string GatewayFixture::create_task(json const& body, std::string const& idempotency_key) const {
  HttpAnswer const answer = create(body, idempotency_key);
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  return json_of(answer).at("id");
}

json GatewayFixture::wait_for_end(std::string const& task_id) const {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (std::chrono::steady_clock::now() < deadline) {
    json task = json_of(get("/v1/tasks/" + task_id));
    if (task.at("status") == "completed" || task.at("status") == "failed") return task;
    std::this_thread::yield();
  }
  FAIL("task did not end within 60 s");
  return {};
}

std::string GatewayFixture::upload(std::string const& bytes, std::string const& name) const {
  json const body{{"base64_data", base64(bytes)}, {"file_name", name}};
  HttpAnswer const answer = post("/api/v1/files/upload/base64", body.dump());
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  return json_of(answer).at("data").at("file_url");
}

std::string GatewayFixture::path_of_url(std::string const& url) {
  return url.substr(url.find('/', 8));
}

json json_of(HttpAnswer const& answer) {
  json value = json::parse(answer.body, nullptr, false);
  REQUIRE_MESSAGE(!value.is_discarded(), answer.body);
  return value;
}

json plain_order() {
  return {{"model", "kling-v3-text-to-video"}, {"prompt", "a lighthouse at dusk, slow push in"}};
}

std::string base64(std::string const& bytes) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::array<unsigned, 3> const b{static_cast<unsigned char>(bytes[i]),
                                    i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0U,
                                    i + 2 < bytes.size() ? static_cast<unsigned char>(bytes[i + 2]) : 0U};
    unsigned const bits = b[0] << 16 | b[1] << 8 | b[2];
    out += alphabet[bits >> 18 & 63];
    out += alphabet[bits >> 12 & 63];
    out += i + 1 < bytes.size() ? alphabet[bits >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? alphabet[bits & 63] : '=';
  }
  return out;
}

std::string png_of(int width, int height) {
  std::string pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, '\0');
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    std::size_t const x = i / 3 % static_cast<std::size_t>(width);
    std::size_t const y = i / 3 / static_cast<std::size_t>(width);
    pixels[i] = static_cast<char>(i % 3 == 0 ? x * 255 / static_cast<std::size_t>(width)
                                             : y * 255 / static_cast<std::size_t>(height) / (i % 3));
  }
  std::string png;
  auto const keep = [](void* into, void* data, int size) {
    static_cast<std::string*>(into)->append(static_cast<char const*>(data), static_cast<std::size_t>(size));
  };
  stbi_write_png_to_func(keep, &png, width, height, 3, pixels.data(), width * 3);
  return png;
}

std::string sway() {
  std::ifstream in{CALLSHEET_SOURCE_DIR "/manifests/videos/sway.mp4", std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace callsheet::test
