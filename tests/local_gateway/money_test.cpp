#include "tests/local_gateway/gateway_fixture.hpp"
#include "tools/local_gateway/prices.hpp"

#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using local_gateway::Bill;
using local_gateway::Options;
using local_gateway::TaskState;
using nlohmann::json;

namespace {

constexpr char const* key = "run_0123456789abcdef";

/// The bill adds up in itself.
void check_sums(Bill const& bill) {
  Credits held, charged, refunded;
  for (auto const& line : bill.lines) {
    bool const ended = line.state == TaskState::completed || line.state == TaskState::failed;
    if (!ended) held += line.reserved;
    if (ended) CHECK(line.reserved == line.charged + line.refunded);
    charged += line.charged;
    refunded += line.refunded;
  }
  CHECK(bill.reserved == held);
  CHECK(bill.charged == charged);
  CHECK(bill.refunded == refunded);
  CHECK(bill.remaining == bill.opening - held - charged);
}

double remaining(GatewayFixture const& fixture) {
  return json_of(fixture.get("/v1/credits")).at("data").at("user").at("remaining_credits");
}

}  // namespace

TEST_CASE("prices: UC per second of every model, quality and sound, as the price rules have them") {
  struct Case {
    char const* model;
    char const* quality;
    bool sound;
    std::int64_t uc_per_second;
  };
  for (Case const& c : {Case{"kling-v3-text-to-video", "720p", false, 54'000},
                        Case{"kling-v3-text-to-video", "720p", true, 81'000},
                        Case{"kling-v3-text-to-video", "1080p", false, 72'036},
                        Case{"kling-v3-text-to-video", "1080p", true, 108'000},
                        Case{"kling-v3-image-to-video", "4k", false, 270'000},
                        Case{"kling-v3-image-to-video", "4k", true, 270'000},
                        Case{"kling-o3-text-to-video", "720p", false, 54'000},
                        Case{"kling-o3-text-to-video", "720p", true, 72'036},
                        Case{"kling-o3-image-to-video", "1080p", false, 72'036},
                        Case{"kling-o3-image-to-video", "1080p", true, 90'018},
                        Case{"kling-o3-image-to-video", "4k", true, 270'000},
                        Case{"kling-v3-turbo-text-to-video", "720p", false, 72'000},
                        Case{"kling-v3-turbo-image-to-video", "1080p", false, 90'000}}) {
    CAPTURE(c.model);
    CAPTURE(c.uc_per_second);
    local_gateway::ModelRules const* const rules = local_gateway::find_model(c.model);
    REQUIRE(rules != nullptr);
    for (int seconds = 3; seconds <= 15; ++seconds) {
      local_gateway::Order order;
      order.model = c.model;
      order.quality = c.quality;
      order.sound = c.sound;
      order.seconds = seconds;
      CHECK(local_gateway::reserve_for(*rules, order).units() == c.uc_per_second * seconds);
      CHECK(local_gateway::final_price(*rules, order).units() == c.uc_per_second * seconds);
    }
  }
}

TEST_CASE("money: reserved at create, charged when the task ends, and short balances are 402") {
  ManualClock clock;
  Options options = GatewayFixture::quick();
  options.clock = &clock;
  options.latency_scale = 1;
  options.balance = Credits::whole(60);
  GatewayFixture const fixture{options};
  std::string const first = fixture.create_task(plain_order());
  CHECK(remaining(fixture) == 33);
  CHECK(fixture.bill().reserved == Credits::whole(27));
  fixture.create_task(plain_order());
  HttpAnswer const third = fixture.create(plain_order());
  CHECK(third.status == 402);
  CHECK(json_of(third).at("error").at("code") == "insufficient_quota");
  CHECK(json_of(third).at("error").at("type") == "insufficient_quota");
  CHECK(fixture.bill().lines.size() == 2);
  CHECK(remaining(fixture) == 6);
  check_sums(fixture.bill());
  CHECK(fixture.bill().charged == Credits{});
}

TEST_CASE("money: a failed task is refunded, or kept, as the setting says") {
  for (bool const refund : {true, false}) {
    CAPTURE(refund);
    Options options = GatewayFixture::quick();
    options.fail_ratio = 1;
    options.refund_failed = refund;
    GatewayFixture const fixture{options};
    json const task = fixture.wait_for_end(fixture.create_task(plain_order()));
    CHECK(task.at("status") == "failed");
    CHECK(task.at("progress") == 0);
    CHECK(!task.contains("results"));
    CHECK(task.at("error").at("code") == "service_error");
    CHECK(task.at("error").at("type") == "task_error");
    CHECK(task.at("billing").at("refund_status") == (refund ? "completed" : "not_required"));
    CHECK(task.at("billing").at("refunded_credits") == (refund ? 27 : 0));
    CHECK(fixture.bill().charged == (refund ? Credits{} : Credits::whole(27)));
    check_sums(fixture.bill());
  }
}

TEST_CASE("money: credits_reserved comes in the unit the setting says") {
  struct Case {
    char const* name;
    local_gateway::CreditsUnit unit;
    char const* model;
    double reserved;
  };
  using enum local_gateway::CreditsUnit;
  for (Case const& c : {Case{"v3 by model", by_model, "kling-v3-text-to-video", 270'000},
                        Case{"turbo by model", by_model, "kling-v3-turbo-text-to-video", 360'000},
                        Case{"o3 by model", by_model, "kling-o3-text-to-video", 27},
                        Case{"v3 in credits", credits, "kling-v3-text-to-video", 27},
                        Case{"o3 in UC", uc, "kling-o3-text-to-video", 270'000}}) {
    CAPTURE(c.name);
    Options options = GatewayFixture::quick();
    options.credits_unit = c.unit;
    GatewayFixture const fixture{options};
    json order = plain_order();
    order["model"] = c.model;
    CHECK(json_of(fixture.create(order)).at("usage").at("credits_reserved") == c.reserved);
  }
}

TEST_CASE("idempotency: the same key and request are the same task; another request is a conflict") {
  GatewayFixture const fixture;
  HttpAnswer const first = fixture.create(plain_order(), key);
  CHECK(first.header("Idempotency-Honoured") == "true");
  CHECK(first.header("Idempotency-Replayed").empty());
  HttpAnswer const again = fixture.create(plain_order(), key);
  CHECK(again.status == 200);
  CHECK(again.header("Idempotency-Replayed") == "true");
  CHECK(again.body == first.body);
  json other = plain_order();
  other["duration"] = 6;
  HttpAnswer const conflict = fixture.create(other, key);
  CHECK(conflict.status == 409);
  CHECK(json_of(conflict).at("error").at("code") == "idempotency_conflict");
  CHECK(fixture.create(plain_order(), "short").status == 400);
  CHECK(fixture.bill().lines.size() == 1);
  CHECK(fixture.bill().lines[0].idempotency_key == key);
}

TEST_CASE("idempotency: switched off, keys mean nothing and nothing is announced") {
  Options options = GatewayFixture::quick();
  options.idempotency = false;
  GatewayFixture const fixture{options};
  HttpAnswer const first = fixture.create(plain_order(), key);
  CHECK(first.header("Idempotency-Honoured").empty());
  CHECK(fixture.create(plain_order(), key).status == 200);
  CHECK(fixture.bill().lines.size() == 2);
}

TEST_CASE("create: outages, denied models and failures by seed") {
  Options options = GatewayFixture::quick();
  options.outage_models = {"kling-o3-text-to-video"};
  options.denied_models = {"kling-v3-turbo-text-to-video"};
  GatewayFixture const fixture{options};
  json order = plain_order();
  order["model"] = "kling-o3-text-to-video";
  CHECK(fixture.create(order).status == 503);
  CHECK(json_of(fixture.create(order)).at("error").at("code") == "model_unavailable");
  order["model"] = "kling-v3-turbo-text-to-video";
  CHECK(fixture.create(order).status == 403);
  CHECK(json_of(fixture.create(order)).at("error").at("code") == "model_access_denied");
  CHECK(fixture.bill().lines.empty());
}

TEST_CASE("audit: the bill over HTTP is the bill") {
  GatewayFixture const fixture;
  std::string const id = fixture.create_task(plain_order(), key);
  fixture.wait_for_end(id);
  json const audit = json_of(fixture.get("/audit"));
  REQUIRE(audit.at("lines").size() == 1);
  json const& line = audit.at("lines").at(0);
  CHECK(line.at("id") == id);
  CHECK(line.at("idempotency_key") == key);
  CHECK(line.at("charged_uc") == 270'000);
  CHECK(line.at("refunded_uc") == 0);
  CHECK(line.at("status") == "completed");
  CHECK(audit.at("totals").at("charged_uc") == 270'000);
  CHECK(audit.at("totals").at("remaining_uc") == fixture.bill().remaining.units());
}
