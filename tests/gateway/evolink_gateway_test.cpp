#include "orchestrator/gateway/evolink_gateway.hpp"

#include "tests/support/scripted_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::gateway;
using namespace std::chrono_literals;
namespace net = boost::asio;

namespace {

/// A gateway of that profile, asked one thing.
template <class Answer>
Answer ask(Profile profile, std::string const& base, net::awaitable<Answer> (Gateway::*question)()) {
  profile.base = *http::parse_url(base);
  profile.files = profile.base;
  auto client = http::make_client();
  REQUIRE(client);
  SystemClock const clock;
  auto const gateway = make_evolink_gateway(std::move(profile), Secret{"the-key"}, **client, clock,
                                            [](ModelId const&) { return ModelParameters{}; });
  net::io_context io{1};
  std::optional<Answer> answer;
  net::co_spawn(io, ((*gateway).*question)(),
                [&](std::exception_ptr const& thrown, std::optional<Answer> given) {
                  CHECK_FALSE(thrown);
                  answer = std::move(given);
                });
  io.run();
  client->reset();
  return *std::move(answer);
}

}  // namespace

TEST_CASE("gateway: a profile's address may have a path, and its key goes there") {
  std::string asked;
  test::ScriptedServer const server{[&](test::Conversation& peer) {
    asked = peer.read_head();
    peer.write(test::http_answer("200 OK", R"({"data":{"user":{"remaining_credits":12.5}}})"));
  }};
  Result<Balance> const balance = ask({}, server.address() + "/proxy/v2/", &Gateway::balance);
  REQUIRE(balance);
  CHECK(balance->account == Credits::from_units(125'000));
  CHECK(asked.starts_with("GET /proxy/v2/v1/credits HTTP/1.1\r\n"));
  CHECK(asked.find("\r\nAuthorization: Bearer the-key\r\n") != std::string::npos);
}

TEST_CASE("gateway: a key that is refused is called by the name it has in the profile") {
  test::ScriptedServer const server{[](test::Conversation& peer) {
    (void)peer.read_head();
    peer.write(
        test::http_answer("401 Unauthorized", R"({"error":{"code":"invalid_api_key","message":"no"}})"));
  }};
  Profile profile;
  profile.key_env = "MINE_KEY";
  Result<Balance> const balance = ask(profile, server.address(), &Gateway::balance);
  REQUIRE_FALSE(balance);
  CHECK(balance.error().code == Code::unauthorized);
  CHECK(balance.error().mend == "set MINE_KEY to a valid key");
  CHECK(balance.error().what.find("the-key") == std::string::npos);
}

TEST_CASE("gateway: it is waited for as long as its profile says") {
  test::ScriptedServer const server{[](test::Conversation& peer) {
    (void)peer.read_head();
    (void)peer.read_head();  // until the client goes away
  }};
  Profile profile;
  SUBCASE("for an answer") {
    profile.time_outs.answer = 1s;
  }
  SUBCASE("without a byte moving") {
    profile.time_outs.idle = 1s;
  }
  auto const begun = std::chrono::steady_clock::now();
  Result<Balance> const balance = ask(profile, server.address(), &Gateway::balance);
  REQUIRE_FALSE(balance);
  CHECK(balance.error().code == Code::timed_out);
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}
