#include "tests/local_gateway/gateway_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using nlohmann::json;

TEST_CASE("local gateway: a task is created, ends, and its clip can be fetched whole and in ranges") {
  GatewayFixture const fixture;
  HttpAnswer const created = fixture.create(plain_order());
  REQUIRE(created.status == 200);
  json const receipt = json_of(created);
  CHECK(receipt.at("id").get<std::string>().starts_with("task-unified-"));
  CHECK(receipt.at("object") == "video.generation.task");
  CHECK(receipt.at("type") == "video");
  CHECK(receipt.at("status") == "pending");
  CHECK(receipt.at("task_info").at("video_duration") == 5);
  CHECK(receipt.at("usage").at("billing_rule") == "per_second");
  CHECK(receipt.at("usage").at("credits_reserved") == 270'000);
  CHECK(!created.header("x-request-id").empty());

  json const task = fixture.wait_for_end(receipt.at("id"));
  CHECK(task.at("status") == "completed");
  CHECK(task.at("progress") == 100);
  CHECK(task.at("task_info").at("can_cancel") == false);
  CHECK(task.at("usage").at("credits_used") == 27);
  CHECK(task.at("billing").at("charge_status") == "charged");
  std::string const link = GatewayFixture::path_of_url(task.at("results").at(0));

  HttpAnswer const clip = fixture.get(link);
  CHECK(clip.status == 200);
  CHECK(clip.header("Content-Type") == "video/mp4");
  CHECK(clip.body.substr(4, 4) == "ftyp");
  HttpAnswer const part = fixture.get(link, {{"Range", "bytes=4-7"}});
  CHECK(part.status == 206);
  CHECK(part.body == "ftyp");
  CHECK(fixture.get(link + "x").status == 404);
  CHECK(fixture.bill().lines.at(0).delivered);
}

TEST_CASE("local gateway: keys are asked for everywhere but at public links") {
  local_gateway::Options options = GatewayFixture::quick();
  options.api_keys = {"right-key"};
  GatewayFixture fixture{options};
  std::uint16_t const port = fixture.gateway().port();
  for (char const* const target :
       {"/v1/credits", "/v1/tasks", "/v1/tasks/task-unified-1-x", "/audit", "/v1/videos/generations"}) {
    CAPTURE(target);
    CHECK(call({port, "GET", target}).status == 401);
    HttpAnswer const wrong = call({port, "GET", target, {{"Authorization", "Bearer wrong-key"}}});
    CHECK(wrong.status == 401);
    CHECK(json_of(wrong).at("error").at("code") == "unauthorized");
    CHECK(json_of(wrong).at("error").at("type") == "authentication_error");
  }
  // The files host words it in its own way.
  HttpAnswer const files = call({port, "GET", "/api/v1/files/quota"});
  CHECK(files.status == 401);
  CHECK(json_of(files).at("success") == false);
  CHECK(json_of(files).at("code") == 401);
  CHECK(call({port, "GET", "/v1/credits", {{"Authorization", "Bearer right-key"}}}).status == 200);
}

TEST_CASE("local gateway: unknown tasks and malformed ids are told apart") {
  GatewayFixture const fixture;
  HttpAnswer const unknown = fixture.get("/v1/tasks/task-unified-1-abcdefgh");
  CHECK(unknown.status == 404);
  CHECK(json_of(unknown).at("error").at("code") == "task_not_found");
  HttpAnswer const malformed = fixture.get("/v1/tasks/42");
  CHECK(malformed.status == 400);
  CHECK(json_of(malformed).at("error").at("code") == "invalid_task_id");
  CHECK(json_of(malformed).at("error").at("param") == "task_id");
}

TEST_CASE("local gateway: the list is newest first, filtered and in pages; batch leaves out unknown ids") {
  GatewayFixture const fixture;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(fixture.create_task(plain_order()));
  for (std::string const& id : ids) fixture.wait_for_end(id);
  json const page = json_of(fixture.get("/v1/tasks?page=2&page_size=2&status=completed"));
  CHECK(page.at("total") == 5);
  REQUIRE(page.at("data").size() == 2);
  CHECK(page.at("data").at(0).at("id") == ids[2]);
  CHECK(page.at("data").at(0).at("has_results") == true);
  CHECK(json_of(fixture.get("/v1/tasks?status=processing")).at("total") == 0);
  CHECK(json_of(fixture.get("/v1/tasks?model=kling-o3-text-to-video")).at("total") == 0);
  json const asked{{"task_ids", {ids[0], "task-unified-1-unknown1", ids[1]}}};
  CHECK(json_of(fixture.post("/v1/tasks/batch", asked.dump())).at("data").size() == 2);
}

TEST_CASE("local gateway: links and uploads die in their time") {
  ManualClock clock;
  local_gateway::Options options = GatewayFixture::quick();
  options.clock = &clock;
  GatewayFixture const fixture{options};
  std::string const picture = GatewayFixture::path_of_url(fixture.upload(png_of(400, 300), "a.png"));
  json const task = fixture.wait_for_end(fixture.create_task(plain_order()));
  std::string const link = GatewayFixture::path_of_url(task.at("results").at(0));
  clock.advance(std::chrono::hours{24} - std::chrono::seconds{1});
  CHECK(fixture.get(link).status == 200);
  clock.advance(std::chrono::seconds{1});
  CHECK(fixture.get(link).status == 410);
  CHECK(json_of(fixture.get(link)).at("error").at("code") == "resource_expired");
  CHECK(fixture.get(picture).status == 200);
  clock.advance(std::chrono::hours{48});
  CHECK(fixture.get(picture).status == 410);
}

TEST_CASE("local gateway: progress grows while a task runs, and it does not end before its time") {
  ManualClock clock;
  local_gateway::Options options = GatewayFixture::quick();
  options.clock = &clock;
  options.latency_scale = 1;
  GatewayFixture const fixture{options};
  std::string const id = fixture.create_task(plain_order());
  int last = -1;
  for (int second = 0; second < 70; ++second) {
    json const task = json_of(fixture.get("/v1/tasks/" + id));
    CHECK(task.at("status") == (task.at("progress") < 5 ? "pending" : "processing"));
    CHECK(task.at("progress") >= last);
    CHECK(task.at("progress") <= 99);
    last = task.at("progress");
    clock.advance(std::chrono::seconds{1});
  }
  CHECK(last > 50);
}

TEST_CASE("local gateway: creates beyond the rate are 429 with Retry-After, each key for itself") {
  ManualClock clock;
  local_gateway::Options options = GatewayFixture::quick();
  options.clock = &clock;
  options.creates_per_minute = 2;
  GatewayFixture fixture{options};
  CHECK(fixture.create(plain_order()).status == 200);
  clock.advance(std::chrono::seconds{20});
  CHECK(fixture.create(plain_order()).status == 200);
  HttpAnswer const limited = fixture.create(plain_order());
  CHECK(limited.status == 429);
  CHECK(limited.header("Retry-After") == "40");
  CHECK(json_of(limited).at("error").at("code") == "rate_limit_exceeded");
  CHECK(call({fixture.gateway().port(),
              "POST",
              "/v1/videos/generations",
              {{"Authorization", "Bearer other"}},
              plain_order().dump()})
            .status == 200);
  clock.advance(std::chrono::seconds{40});
  CHECK(fixture.create(plain_order()).status == 200);
}

TEST_CASE("local gateway: oversized bodies are 413") {
  GatewayFixture const fixture;
  json order = plain_order();
  order["prompt"] = std::string(1024 * 1024, 'x');
  HttpAnswer const answer = fixture.create(order);
  CHECK(answer.status == 413);
  CHECK(json_of(answer).at("error").at("type") == "request_too_large_error");
}
