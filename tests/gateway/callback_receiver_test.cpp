#include "orchestrator/gateway/callback_receiver.hpp"

#include "tests/support/http_get.hpp"

#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::gateway;

TEST_CASE("callbacks: the token is what ends the path, and looks like one of ours") {
  struct Case {
    char const* target;
    char const* token;
  };
  for (Case const& c :
       {Case{"/0123456789abcdef", "0123456789abcdef"}, Case{"/hooks/callsheet/ab12?x=1", "ab12"},
        Case{"/", ""}, Case{"", ""}, Case{"/hooks/", ""}, Case{"/hooks/AB12", ""},
        Case{"/../../etc/passwd", ""}, Case{"/ab%2012", ""}, Case{"/ab12/", ""}}) {
    CAPTURE(c.target);
    CHECK(token_in(c.target) == c.token);
  }
  CHECK(token_in("/" + std::string(64, 'a')).size() == 64);
  CHECK(token_in("/" + std::string(65, 'a')).empty());
}

TEST_CASE("callbacks: tokens are appended to the public address, with one slash between") {
  CHECK(callback_base({.address = "", .port = 1, .public_url = "https://h/a"}) == "https://h/a/");
  CHECK(callback_base({.address = "", .port = 1, .public_url = "https://h/a/"}) == "https://h/a/");
}

TEST_CASE("callbacks: hints are handed on, whatever else comes is not") {
  boost::asio::io_context io;
  std::vector<std::pair<std::string, std::string>> calls;
  auto receiver = CallbackReceiver::listen(
      io, {.address = "127.0.0.1", .port = 0, .public_url = {}},
      [&calls](std::string const& token, GatewayTaskId const& id) { calls.emplace_back(token, id.str()); });
  REQUIRE(receiver.has_value());
  auto const taken = CallbackReceiver::listen(
      io, {.address = "127.0.0.1", .port = (*receiver)->port(), .public_url = {}}, {});
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == Code::usage);
  std::thread serving{[&io] { io.run(); }};
  auto const send = [&](char const* method, char const* target, std::string body) {
    return test::call({.port = (*receiver)->port(),
                       .method = method,
                       .target = target,
                       .headers = {{"Content-Type", "application/json"}},
                       .body = std::move(body)})
        .status;
  };
  std::string const told =
      R"({"id":"task-unified-1-abc","status":"completed","results":["http://10.0.0.1/x"]})";
  CHECK(send("POST", "/hooks/ab12", told) == 204);
  CHECK(send("POST", "/hooks/ab12", told) == 204);  // they come twice
  CHECK(send("POST", "/hooks/ff", "not json") == 204);
  CHECK(send("POST", "/hooks/ff", R"({"id":"../../etc/passwd"})") == 204);
  CHECK(send("GET", "/hooks/ab12", "") == 404);
  CHECK(send("POST", "/hooks/", told) == 404);
  CHECK(send("POST", "/hooks/ab12", std::string(1 << 20, 'x')) == 413);
  boost::asio::post(io, [&] { receiver->reset(); });
  serving.join();
  CHECK(calls == std::vector<std::pair<std::string, std::string>>{
                     {"ab12", "task-unified-1-abc"}, {"ab12", "task-unified-1-abc"}, {"ff", ""}, {"ff", ""}});
}
