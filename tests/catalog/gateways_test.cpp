#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/error.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace std::chrono_literals;

namespace {

constexpr char const* head = "version: 1\nextends: standard\ngateways:\n";

/// What the catalog with that section says is wrong; empty: nothing.
std::string told(std::string const& section) {
  auto const parsed = catalog::parse("mine.yaml", head + section);
  return parsed ? std::string{} : render(parsed.error());
}

}  // namespace

TEST_CASE("gateways: the program's own stands in every catalog, also in one of one's own") {
  for (bool const own : {false, true}) {
    CAPTURE(own);
    auto const catalog =
        own ? catalog::parse("mine.yaml", std::string{catalog::standard_text()}) : catalog::load();
    REQUIRE(catalog);
    REQUIRE(catalog->gateways.size() == 1);
    GatewayProfile const& evolink = catalog->gateways.front();
    CHECK(evolink.name == "evolink");
    CHECK(evolink.base_url == "https://api.evolink.ai");
    CHECK(evolink.files_url == "https://files-api.evolink.ai");
    CHECK(evolink.key_env == "EVOLINK_API_KEY");
    CHECK(evolink.trust == GatewayTrust{});
    CHECK(evolink.calls_back);
    CHECK(evolink.time_outs.answer == 60s);
    CHECK_FALSE(evolink.poll_least);
    CHECK_FALSE(evolink.patience);
  }
}

TEST_CASE("gateways: an address has a port or none") {
  for (char const* address :
       {"https://g.example.com", "https://g.example.com:8443/v1", "https://[fd00::1]:1/v1"})
    CHECK(told(std::string{"  mine: {base_url: \""} + address + "\", key_env: MINE_KEY}\n").empty());
  for (char const* address :
       {"https://g.example.com:abc", "https://g.example.com:0/v1", "https://g.example.com:65536",
        "https://g.example.com:", "https://g.example.com:1x/v1"})
    CHECK(told(std::string{"  mine: {base_url: \""} + address + "\", key_env: MINE_KEY}\n")
              .find("a port of 1 to 65535") != std::string::npos);
}

TEST_CASE("gateways: a task is read long before its clip's link is dead") {
  CHECK(told("  evolink: {poll_interval: {min: 600, max: 3600}}\n").empty());
  CHECK(told("  evolink: {poll_interval: {min: 600, max: 3601}}\n").find("1 to 3600 is expected here") !=
        std::string::npos);
}

TEST_CASE("gateways: a file adds profiles and settings") {
  auto const catalog =
      catalog::parse("mine.yaml", std::string{head} + R"(  evolink: {patience: 3600, task_list: exclusive}
  mine:
    base_url: https://gateway.example.com/v2
    files_url: https://files.example.com
    key_env: MINE_KEY
    credit_unit: uc
    idempotency: honoured
    task_list: complete
    callbacks: false
    time_outs: {connect: 5, idle: 20, answer: 90, upload: 1200, download: 7200}
    poll_interval: {min: 2, max: 90}
    reads_per_second: 4
    task_batch: 20
    patience: 900
  near: {base_url: "http://127.0.0.1:8085", key_env: NEAR_KEY}
)");
  if (!catalog) FAIL(render(catalog.error()));
  CHECK(catalog->gateway("evolink")->patience == 3600s);
  CHECK(catalog->gateway("evolink")->base_url == "https://api.evolink.ai");
  CHECK(catalog->gateway("evolink")->trust.listing == Listing::exclusive);
  GatewayProfile const& mine = *catalog->gateway("mine");
  CHECK(mine.base_url == "https://gateway.example.com/v2");
  CHECK(mine.files_url == "https://files.example.com");
  CHECK(mine.key_env == "MINE_KEY");
  CHECK(mine.credit_unit == CreditUnit::units);
  CHECK(mine.trust == GatewayTrust{.idempotency = Idempotency::honoured, .listing = Listing::complete});
  CHECK_FALSE(mine.calls_back);
  CHECK(mine.time_outs.connect == 5s);
  CHECK(mine.time_outs.idle == 20s);
  CHECK(mine.time_outs.answer == 90s);
  CHECK(mine.time_outs.upload == 1200s);
  CHECK(mine.time_outs.download == 7200s);
  CHECK(mine.poll_least == 2s);
  CHECK(mine.poll_most == 90s);
  CHECK(mine.reads_per_second == 4);
  CHECK(mine.task_batch == 20);
  CHECK(catalog->gateway("evolink")->task_batch == 0);
  CHECK(mine.patience == 900s);
  CHECK(catalog->gateway("near")->files_url == "http://127.0.0.1:8085");
  CHECK(catalog->gateway("nobody") == nullptr);
}

TEST_CASE("gateways: no file leads a key to where it was not meant for") {
  CHECK(told("  evolink: {base_url: https://elsewhere.example}\n")
            .starts_with("mine.yaml:4:23: error: a file cannot lead the key of `evolink` elsewhere"));
  CHECK_FALSE(told("  evolink: {files_url: https://elsewhere.example}\n").empty());
  CHECK_FALSE(told("  evolink: {key_env: OTHER_KEY}\n").empty());
  CHECK(told("  mine: {base_url: https://elsewhere.example, key_env: EVOLINK_API_KEY}\n")
            .starts_with("mine.yaml:4:56: error: the key in EVOLINK_API_KEY goes to `evolink` alone"));
  CHECK_FALSE(told("  mine: {base_url: https://elsewhere.example, key_env: EVOLINK_API_KEY_FILE}\n").empty());
  for (char const* clear : {"http://gateway.example", "http://127.0.0.1.example",
                            "http://localhost.example:80", "http://10.0.0.1", "http://user@127.0.0.1",
                            "http://127.0.0.1@example.com", "http://[::1].example", "ftp://x", "https://",
                            "https:///path", "https://x.example/?q", "gateway.example", "https://a\\\\b"}) {
    CAPTURE(clear);
    CHECK_FALSE(told(std::string{"  mine: {base_url: \""} + clear + "\", key_env: MINE}\n").empty());
  }
  for (char const* good :
       {"http://localhost:80", "http://[::1]:8085/v1", "https://gateway.example:8443/a/b"}) {
    CAPTURE(good);
    CHECK(told(std::string{"  mine: {base_url: \""} + good + "\", key_env: MINE}\n") == "");
  }
}

TEST_CASE("gateways: what makes no sense is told with its place") {
  CHECK(told("  mine: {base_url: https://x.example, key_env: sk-secret}\n")
            .starts_with(
                "mine.yaml:4:48: error: the name of an environment variable is expected here, never the "
                "key itself"));
  CHECK(told("  local: {base_url: https://x.example, key_env: K}\n").find("`local` is the gateway of") !=
        std::string::npos);
  for (
      char const* section :
      {"  mine: {base_url: https://x.example}\n", "  mine: {key_env: K}\n", "  mine: text\n", "  [a]\n",
       "  Mine: {base_url: https://x.example, key_env: K}\n",
       "  a@b: {base_url: https://x.example, key_env: K}\n",
       "  mine: {base_url: https://x.example, key_env: K, key: secret}\n",
       "  mine: {base_url: https://x.example, key_env: K, credit_unit: cents}\n",
       "  mine: {base_url: https://x.example, key_env: K, idempotency: maybe}\n",
       "  mine: {base_url: https://x.example, key_env: K, task_list: some}\n",
       "  mine: {base_url: https://x.example, key_env: K, time_outs: {idle: 0}}\n",
       "  mine: {base_url: https://x.example, key_env: K, time_outs: {idle: 99999999}}\n",
       "  mine: {base_url: https://x.example, key_env: K, time_outs: {sleep: 1}}\n",
       "  mine: {base_url: https://x.example, key_env: K, poll_interval: {min: 9, max: 3}}\n",
       "  mine: {base_url: https://x.example, key_env: K, poll_interval: {min: 9}}\n",
       "  mine: {base_url: https://x.example, key_env: K, reads_per_second: 0}\n",
       "  mine: {base_url: https://x.example, key_env: K, callbacks: 7}\n",
       "  mine: {base_url: https://x.example, key_env: K}\n  mine: {base_url: https://y.example, key_env: K}\n"}) {
    CAPTURE(section);
    CHECK_FALSE(told(section).empty());
  }
}
