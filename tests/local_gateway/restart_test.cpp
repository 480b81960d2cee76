#include "tests/local_gateway/gateway_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using local_gateway::LocalGateway;
using local_gateway::Options;
using nlohmann::json;

namespace {

constexpr char const* kept_key = "run_0123456789abcdef";

Options kept_in(TemporaryFolder const& folder) {
  Options options = GatewayFixture::quick();
  options.state_dir = folder.path() / "state";
  return options;
}

std::filesystem::path journal_of(TemporaryFolder const& folder) {
  return folder.path() / "state" / "journal.jsonl";
}

}  // namespace

TEST_CASE("journal: after a restart bill, tasks, keys, links and uploads are what they were") {
  TemporaryFolder const folder;
  std::string id, link, picture;
  local_gateway::Bill before;
  {
    GatewayFixture fixture{kept_in(folder)};
    picture = GatewayFixture::path_of_url(fixture.upload(png_of(400, 300), "hero.png"));
    id = fixture.create_task(plain_order(), kept_key);
    json const task = fixture.wait_for_end(id);
    link = GatewayFixture::path_of_url(task.at("results").at(0));
    CHECK(fixture.get(link).status == 200);
    fixture.stop();
    before = fixture.bill();
  }
  GatewayFixture const fixture{kept_in(folder)};
  local_gateway::Bill const after = fixture.bill();
  REQUIRE(after.lines.size() == 1);
  CHECK(after.lines[0].task_id == id);
  CHECK(after.lines[0].delivered);
  CHECK(after.lines[0].created_at == before.lines[0].created_at);
  CHECK(after.charged == before.charged);
  CHECK(after.remaining == before.remaining);
  CHECK(fixture.get(link).status == 200);
  CHECK(fixture.get(picture).body == png_of(400, 300));
  HttpAnswer const replay = fixture.create(plain_order(), kept_key);
  CHECK(replay.header("Idempotency-Replayed") == "true");
  CHECK(json_of(replay).at("id") == id);
}

TEST_CASE("journal: a task that had not ended is made after the restart, and billed once") {
  TemporaryFolder const folder;
  std::string id;
  {
    ManualClock clock;
    Options options = kept_in(folder);
    options.clock = &clock;
    options.latency_scale = 1;
    GatewayFixture const fixture{options};
    id = fixture.create_task(plain_order());
    CHECK(json_of(fixture.get("/v1/tasks/" + id)).at("status") == "pending");
  }
  GatewayFixture const fixture{kept_in(folder)};
  CHECK(fixture.wait_for_end(id).at("status") == "completed");
  CHECK(fixture.bill().charged == Credits::whole(27));
  CHECK(fixture.bill().reserved == Credits{});
}

TEST_CASE("journal: cut after any byte, the gateway starts and the bill is that of the whole lines") {
  TemporaryFolder const folder;
  {
    GatewayFixture const fixture{kept_in(folder)};
    for (int i = 0; i < 2; ++i) fixture.wait_for_end(fixture.create_task(plain_order()));
  }
  std::ifstream file{journal_of(folder), std::ios::binary};
  std::string const whole{std::istreambuf_iterator<char>{file}, {}};
  for (std::size_t cut = 0; cut <= whole.size(); cut += 41) {
    CAPTURE(cut);
    std::ofstream{journal_of(folder), std::ios::binary} << whole.substr(0, cut);
    GatewayFixture const fixture{kept_in(folder)};
    std::string const kept = whole.substr(0, whole.substr(0, cut).rfind('\n') + 1);
    std::size_t tasks = 0;
    for (std::size_t at = 0; (at = kept.find("\"record\":\"created\"", at)) != std::string::npos; ++at)
      ++tasks;
    CHECK(fixture.bill().lines.size() == tasks);
    for (auto const& line : fixture.bill().lines) fixture.wait_for_end(line.task_id);
    CHECK(fixture.bill().charged == Credits::whole(27) * static_cast<std::int64_t>(tasks));
  }
}

TEST_CASE("journal: a broken line in the middle is an error that names it, not a smaller bill") {
  TemporaryFolder const folder;
  { GatewayFixture const fixture{kept_in(folder)}; }
  std::ofstream{journal_of(folder), std::ios::app} << "{\"record\":\"creat\n";
  auto const started = LocalGateway::start(kept_in(folder));
  REQUIRE(!started);
  CHECK(started.error().what.find("line 2 of the local gateway's journal") != std::string::npos);
}

TEST_CASE("state folder: one gateway at a time") {
  TemporaryFolder const folder;
  GatewayFixture const fixture{kept_in(folder)};
  auto const second = LocalGateway::start(kept_in(folder));
  REQUIRE(!second);
  CHECK(second.error().code == Code::busy);
}
