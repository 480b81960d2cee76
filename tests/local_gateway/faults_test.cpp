#include "tools/local_gateway/faults.hpp"

#include "tests/local_gateway/gateway_fixture.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using namespace std::chrono_literals;
using local_gateway::Bill;
using local_gateway::Faults;
using local_gateway::Options;
using local_gateway::TaskState;
using nlohmann::json;

namespace {

constexpr char const* storm_key = "run_fedcba9876543210";

Options with_faults(Faults faults) {
  Options options = GatewayFixture::quick();
  options.faults = std::move(faults);
  return options;
}

/// A gateway where exactly the faults hold that `set` sets.
template <class Set>
Options struck_by(Set set) {
  Faults faults;
  set(faults);
  return with_faults(std::move(faults));
}

std::map<std::string, std::uint64_t> counts(Bill const& bill) {
  std::map<std::string, std::uint64_t> out;
  for (auto const& fault : bill.faults) out[fault.name] = fault.count;
  return out;
}

std::string error_code(HttpAnswer const& answer) {
  return json_of(answer).at("error").at("code");
}

/// What became of each of a series of creates and reads, as one text.
std::string story(std::uint64_t seed) {
  Faults faults;
  faults.seed = seed;
  faults.create = {.lose_request = 0.2, .error = 0.2, .lose_answer = 0.2, .no_price = 0.2};
  faults.reads = {.lose = 0.3, .error = 0.3};
  GatewayFixture const fixture{with_faults(faults)};
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += std::to_string(fixture.create(plain_order()).status) + " ";
    text += std::to_string(fixture.get("/v1/tasks").status) + " ";
  }
  for (auto const& [name, count] : counts(fixture.bill())) text += name + "=" + std::to_string(count) + " ";
  return text;
}

}  // namespace

TEST_CASE("faults: none by default, and the bill says so") {
  GatewayFixture const fixture;
  HttpAnswer const created = fixture.create(plain_order());
  CHECK(created.status == 200);
  CHECK(created.header("Date").ends_with(" GMT"));
  CHECK(fixture.bill().faults.empty());
  CHECK(json_of(fixture.get("/audit")).at("faults").empty());
}

TEST_CASE("faults: a clip that is not what was ordered is made, billed and named") {
  GatewayFixture const fixture{
      struck_by([](Faults& f) { f.clips = {.short_of_length = 1, .soundless = 1}; })};
  json order = plain_order();
  std::string const id = fixture.create_task(order);
  order["sound"] = "on";
  fixture.create_task(order);
  Bill const bill = fixture.bill();
  // Drawn once a task; the first fault of the group is the one that happens.
  CHECK(counts(bill) == std::map<std::string, std::uint64_t>{{"clips.short", 2}});
  CHECK(bill.lines.front().faults == std::vector<std::string>{"clips.short"});
  CHECK(bill.lines.front().task_id == id);
}

TEST_CASE("faults: every answer has the gateway's date, refusals and clips included") {
  ManualClock clock;
  Options options = GatewayFixture::quick();
  options.clock = &clock;
  GatewayFixture const fixture{options};
  std::string const date = format_http_date(clock.now());
  CHECK(fixture.get("/v1/credits").header("Date") == date);
  CHECK(fixture.get("/nowhere").header("Date") == date);
  json const task = fixture.wait_for_end(fixture.create_task(plain_order()));
  CHECK(fixture.get(GatewayFixture::path_of_url(task.at("results").at(0))).header("Date") == date);
}

TEST_CASE("faults of creates: what the client sees, what is billed, and what the bill says of it") {
  struct Case {
    char const* name;
    double local_gateway::CreateFaults::*chance;
    int status;  // 0: no answer
    char const* code;
    std::size_t tasks;
  };
  using local_gateway::CreateFaults;
  for (Case const& c :
       {Case{"create.lose_request", &CreateFaults::lose_request, 0, "", 0},
        Case{"create.rate_limit", &CreateFaults::rate_limit, 429, "rate_limit_exceeded", 0},
        Case{"create.error", &CreateFaults::error, 500, "internal_error", 0},
        Case{"create.refuse_content", &CreateFaults::refuse_content, 400, "content_policy_violation", 0},
        Case{"create.error_after_accept", &CreateFaults::error_after_accept, 500, "internal_error", 1},
        Case{"create.lose_answer", &CreateFaults::lose_answer, 0, "", 1}}) {
    CAPTURE(c.name);
    Faults faults;
    faults.create.*c.chance = 1;
    GatewayFixture const fixture{with_faults(faults)};
    HttpAnswer const answer = fixture.create(plain_order(), storm_key);
    CHECK(answer.status == c.status);
    if (c.status != 0) CHECK(error_code(answer) == c.code);
    Bill const bill = fixture.bill();
    REQUIRE(bill.lines.size() == c.tasks);
    CHECK(counts(bill) == std::map<std::string, std::uint64_t>{{c.name, 1}});
    CHECK(json_of(fixture.get("/audit")).at("faults").at(c.name) == 1);
    if (c.tasks == 0) continue;
    CHECK(bill.lines[0].faults == std::vector<std::string>{c.name});
    CHECK(fixture.wait_for_end(bill.lines[0].task_id).at("status") == "completed");
    CHECK(fixture.bill().charged == Credits::whole(27));
  }
}

TEST_CASE("faults of creates: a truncated answer is the first half, and the task is billed") {
  GatewayFixture const fixture{struck_by([](Faults& faults) { faults.create.truncate_answer = 1; })};
  HttpAnswer const answer = fixture.create(plain_order());
  CHECK(answer.status == 200);
  std::size_t const promised = std::stoul(answer.header("Content-Length"));
  CHECK(answer.body.size() == promised / 2);
  CHECK(fixture.bill().lines.size() == 1);
  CHECK(counts(fixture.bill()) == std::map<std::string, std::uint64_t>{{"create.truncate_answer", 1}});
}

TEST_CASE("faults of creates: the price in the other unit, or not at all") {
  struct Case {
    char const* model;
    double told;
  };
  for (Case const& c : {Case{"kling-v3-text-to-video", 27}, Case{"kling-o3-text-to-video", 270'000}}) {
    CAPTURE(c.model);
    GatewayFixture const fixture{struck_by([](Faults& faults) { faults.create.wrong_unit = 1; })};
    json order = plain_order();
    order["model"] = c.model;
    CHECK(json_of(fixture.create(order)).at("usage").at("credits_reserved") == c.told);
    CHECK(fixture.bill().lines.at(0).reserved == Credits::whole(27));
    CHECK(fixture.bill().lines.at(0).faults == std::vector<std::string>{"create.wrong_unit"});
  }
  GatewayFixture const fixture{struck_by([](Faults& faults) { faults.create.no_price = 1; })};
  CHECK(!json_of(fixture.create(plain_order())).at("usage").contains("credits_reserved"));
}

TEST_CASE("faults of creates: a late answer comes late") {
  GatewayFixture const fixture{struck_by([](Faults& faults) {
    faults.create.delay_answer = 1;
    faults.create.delay = 150ms;
  })};
  auto const asked = std::chrono::steady_clock::now();
  CHECK(fixture.create(plain_order()).status == 200);
  CHECK(std::chrono::steady_clock::now() - asked >= 150ms);
  CHECK(counts(fixture.bill()) == std::map<std::string, std::uint64_t>{{"create.delay_answer", 1}});
}

TEST_CASE("faults of creates: a key that is ignored bills a second task, and nothing is announced") {
  GatewayFixture const fixture{struck_by([](Faults& faults) { faults.create.ignore_idempotency = 1; })};
  HttpAnswer const first = fixture.create(plain_order(), storm_key);
  CHECK(first.header("Idempotency-Honoured").empty());
  HttpAnswer const second = fixture.create(plain_order(), storm_key);
  CHECK(second.status == 200);
  CHECK(second.header("Idempotency-Replayed").empty());
  CHECK(json_of(second).at("id") != json_of(first).at("id"));
  Bill const bill = fixture.bill();
  REQUIRE(bill.lines.size() == 2);
  CHECK(bill.lines[0].idempotency_key == storm_key);
  CHECK(bill.lines[1].idempotency_key == storm_key);
  CHECK(bill.lines[0].faults.empty());
  CHECK(bill.lines[1].faults == std::vector<std::string>{"create.ignore_idempotency"});
}

TEST_CASE("faults: a 429 tells when to come back in seconds, as a date and not at all, in turn") {
  ManualClock clock;
  Options options = struck_by([](Faults& faults) {
    faults.create.rate_limit = 1;
    faults.reads.rate_limit = 1;
  });
  options.clock = &clock;
  GatewayFixture const fixture{options};
  for (int round = 0; round < 2; ++round) {
    CHECK(fixture.create(plain_order()).header("Retry-After") == "1");
    HttpAnswer const dated = fixture.get("/v1/tasks");
    CHECK(dated.status == 429);
    CHECK(json_of(dated).at("error").at("type") == "evo_api_error");
    CHECK(dated.header("Retry-After") == format_http_date(clock.now() + 2s));
    HttpAnswer const silent = fixture.create(plain_order());
    CHECK(silent.status == 429);
    CHECK(silent.header("Retry-After").empty());
  }
}

TEST_CASE("faults of reads: lost or 500, for one task, several and the list") {
  for (bool const lost : {false, true}) {
    CAPTURE(lost);
    GatewayFixture const fixture{
        struck_by([&](Faults& faults) { (lost ? faults.reads.lose : faults.reads.error) = 1; })};
    std::string const id = fixture.create_task(plain_order());
    int const status = lost ? 0 : 500;
    CHECK(fixture.get("/v1/tasks/" + id).status == status);
    CHECK(fixture.get("/v1/tasks").status == status);
    CHECK(fixture.post("/v1/tasks/batch", R"({"task_ids":[]})").status == status);
    CHECK(fixture.get("/v1/credits").status == 200);
    CHECK(counts(fixture.bill()).at(lost ? "reads.lose" : "reads.error") == 3);
  }
}

TEST_CASE("faults of tasks: failed and refunded, failed and billed, never ended, silent about the bill") {
  struct Case {
    char const* name;
    double local_gateway::TaskFaults::*chance;
    Credits charged, refunded;
  };
  using local_gateway::TaskFaults;
  for (Case const& c :
       {Case{"tasks.fail", &TaskFaults::fail, {}, Credits::whole(27)},
        Case{"tasks.refund_withheld", &TaskFaults::refund_withheld, Credits::whole(27), {}}}) {
    CAPTURE(c.name);
    Faults faults;
    faults.tasks.*c.chance = 1;
    GatewayFixture const fixture{with_faults(faults)};
    json const task = fixture.wait_for_end(fixture.create_task(plain_order()));
    CHECK(task.at("status") == "failed");
    CHECK(task.at("billing").at("charged_credits") == c.charged.units() / Credits::units_per_credit);
    Bill const bill = fixture.bill();
    CHECK(bill.charged == c.charged);
    CHECK(bill.refunded == c.refunded);
    CHECK(bill.lines.at(0).faults == std::vector<std::string>{c.name});
  }
  GatewayFixture const stuck{struck_by([](Faults& faults) { faults.tasks.stuck = 1; })};
  std::string const id = stuck.create_task(plain_order());
  CHECK(json_of(stuck.get("/v1/tasks/" + id)).at("status") != "completed");
  CHECK(stuck.bill().reserved == Credits::whole(27));
  CHECK(counts(stuck.bill()) == std::map<std::string, std::uint64_t>{{"tasks.stuck", 1}});
  GatewayFixture const silent{struck_by([](Faults& faults) { faults.tasks.hide_billing = 1; })};
  json const task = silent.wait_for_end(silent.create_task(plain_order()));
  CHECK(!task.contains("billing"));
  CHECK(!task.contains("usage"));
}

TEST_CASE("faults of downloads: half a clip, no clip, or bytes that are none") {
  struct Case {
    char const* name;
    double local_gateway::DownloadFaults::*chance;
    int status;
  };
  using local_gateway::DownloadFaults;
  for (Case const& c :
       {Case{"downloads.cut", &DownloadFaults::cut, 200}, Case{"downloads.dead", &DownloadFaults::dead, 404},
        Case{"downloads.broken", &DownloadFaults::broken, 200}}) {
    CAPTURE(c.name);
    Faults faults;
    faults.downloads.*c.chance = 1;
    GatewayFixture const fixture{with_faults(faults)};
    json const task = fixture.wait_for_end(fixture.create_task(plain_order()));
    HttpAnswer const clip = fixture.get(GatewayFixture::path_of_url(task.at("results").at(0)));
    CHECK(clip.status == c.status);
    std::size_t const promised = std::stoul(clip.header("Content-Length"));
    bool const cut = c.chance == &DownloadFaults::cut;
    CHECK(clip.body.size() == (cut ? promised / 2 : promised));
    CHECK((clip.body.substr(4, 4) == "ftyp") == cut);
    CHECK(counts(fixture.bill()) == std::map<std::string, std::uint64_t>{{c.name, 1}});
    CHECK(fixture.bill().charged == Credits::whole(27));
  }
}

TEST_CASE("faults: in an outage everything answers 503, but the bill can be read") {
  ManualClock clock;
  Options options = struck_by([](Faults& faults) { faults.outages = {{1000ms, 500ms}, {3000ms, 10ms}}; });
  options.clock = &clock;
  GatewayFixture const fixture{options};
  struct Step {
    Duration by;
    bool out;
  };
  for (Step const& step : {Step{0ms, false}, Step{999ms, false}, Step{1ms, true}, Step{499ms, true},
                           Step{1ms, false}, Step{1500ms, true}, Step{10ms, false}}) {
    clock.advance(step.by);
    CAPTURE(clock.now().time_since_epoch().count());
    CHECK(fixture.create(plain_order()).status == (step.out ? 503 : 200));
    CHECK(fixture.get("/v1/credits").status == (step.out ? 503 : 200));
    CHECK(fixture.get("/audit").status == 200);
  }
  CHECK(fixture.bill().lines.size() == 4);
  CHECK(counts(fixture.bill()).at("outage") == 6);
}

TEST_CASE("faults: the same seed tells the same story, another seed another") {
  std::string const first = story(7);
  CHECK(story(7) == first);
  CHECK(story(8) != first);
}

TEST_CASE("faults: a probability is met over many requests") {
  GatewayFixture const fixture{struck_by([](Faults& faults) { faults.reads.error = 0.25; })};
  int struck = 0;
  for (int i = 0; i < 400; ++i) struck += fixture.get("/v1/tasks").status == 500 ? 1 : 0;
  CHECK(struck > 60);
  CHECK(struck < 140);
}
