#include "orchestrator/http/client.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/tls_server.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::http;
using namespace std::chrono_literals;
namespace net = boost::asio;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::size_t piece_bytes = 100'000;
constexpr std::size_t large_body = 64u << 20;  ///< more than the system keeps for a peer that does not read

/// Bytes that tell where they stand.
std::string bytes_at(std::uint64_t at, std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>('a' + (at + i) % 23);
  return bytes;
}

class Pieces final : public BodySource {
 public:
  explicit Pieces(std::uint64_t size, std::uint64_t good = UINT64_MAX) : size_{size}, good_{good} {}

  std::uint64_t size_bytes() const override { return size_; }
  void rewind() override {
    ++sendings;
    at_ = 0;
  }
  net::awaitable<Result<std::string_view>> next() override {
    if (at_ >= good_) co_return fail(Code::invalid_input, "the file changed");
    piece_ = bytes_at(at_, static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, size_ - at_)));
    at_ += piece_.size();
    co_return std::string_view{piece_};
  }

  int sendings = 0;

 private:
  std::uint64_t size_;
  std::uint64_t good_;  ///< no piece begins further on
  std::uint64_t at_ = 0;
  std::string piece_;
};

Request request_of(std::string const& url, BodySource* source) {
  Request request;
  request.method = source == nullptr ? "GET" : "POST";
  request.url = *parse_url(url);
  request.source = source;
  request.timeouts = {.connect = 5s, .idle = 20s, .total = 60s, .answer = 20s};
  return request;
}

std::vector<Outcome<Response>> send(std::vector<Request> requests, std::string const& ca_file = {},
                                    ProxyRules proxies = {}) {
  auto client = make_client(ca_file, std::move(proxies));
  REQUIRE(client);
  std::vector<Outcome<Response>> outcomes;
  net::io_context io{1};
  auto const all = [](Client& sender, std::vector<Request>& list,
                      std::vector<Outcome<Response>>& out) -> net::awaitable<void> {
    for (Request& request : list) {
      auto outcome = co_await sender.send(std::move(request));
      out.push_back(std::move(outcome));
    }
  };
  net::co_spawn(io, all(**client, requests, outcomes),
                [](std::exception_ptr const& thrown) { CHECK_FALSE(thrown); });
  io.run();
  client->reset();
  return outcomes;
}

Outcome<Response> send(Request request) {
  return send(std::vector<Request>{std::move(request)}).front();
}

}  // namespace

TEST_CASE("body: one from a source is told in size, and arrives whole and in order") {
  constexpr std::size_t size = 3'456'789;
  std::string head;
  std::string body;
  test::ScriptedServer const server{[&](test::Conversation& peer) {
    head = peer.read_head();
    body = peer.read(size);
    peer.write(test::http_answer("200 OK", "thanks"));
  }};
  Pieces pieces{size};
  auto const answer = send(request_of(server.address(), &pieces));
  REQUIRE(answer);
  CHECK(answer->body == "thanks");
  CHECK(head.find("\r\nContent-Length: 3456789\r\n") != std::string::npos);
  CHECK(body == bytes_at(0, size));
}

TEST_CASE("body: it goes through TLS as well") {
  constexpr std::size_t size = 5'000'000;
  test::TlsServer const server{"localhost",
                               [](std::string const&) { return test::http_answer("200 OK", "thanks"); }};
  Pieces pieces{size};
  std::vector<Request> requests;
  requests.push_back(request_of("https://localhost:" + std::to_string(server.port()), &pieces));
  auto const answers = send(std::move(requests), server.certificate().string());
  REQUIRE(answers.front());
  CHECK(answers.front()->status == 200);
  CHECK(server.body_bytes() == size);
}

TEST_CASE("body: a source that fails ends the exchange with its error, and no whole body arrives") {
  struct Case {
    char const* name;
    std::uint64_t good;
    Sent sent;
  };
  for (Case const& c : {Case{"before the first byte", 0, Sent::nothing},
                        Case{"before the last piece", 900'000, Sent::part}}) {
    CAPTURE(c.name);
    std::size_t arrived = 0;
    {
      test::ScriptedServer const server{[&](test::Conversation& peer) {
        if (!peer.read_head().empty()) arrived = peer.read(1'000'000).size();
      }};
      Pieces pieces{1'000'000, c.good};
      auto const answer = send(request_of(server.address(), &pieces));
      REQUIRE_FALSE(answer);
      CHECK(answer.error().error.what == "the file changed");
      CHECK(answer.error().sent == c.sent);
      CHECK(pieces.sendings == 1);
    }
    CHECK(arrived == c.good);
  }
}

TEST_CASE("body: a server that takes nothing more is left after the idle time-out") {
  std::promise<void> over;
  test::ScriptedServer const server{[&](test::Conversation& peer) {
    (void)peer.read_head();
    over.get_future().wait();
  }};
  Pieces pieces{large_body};
  Request request = request_of(server.address(), &pieces);
  auto const begun = Steady::now();
  SUBCASE("which is for each byte") {
    request.timeouts.idle = 1s;
  }
  SUBCASE("or when it does not get on") {
    request.timeouts.total = 1s;
  }
  auto const answer = send(std::move(request));
  over.set_value();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().error.code == Code::timed_out);
  CHECK(answer.error().sent == Sent::part);
  CHECK(Steady::now() - begun < 15s);
}

TEST_CASE("body: the answer is waited for as long as an answer may take, from the last byte on") {
  test::ScriptedServer const server{[](test::Conversation& peer) {
    (void)peer.read_head();
    (void)peer.read(piece_bytes);
    (void)peer.read_head();  // until the client goes away
  }};
  Pieces pieces{piece_bytes};
  Request request = request_of(server.address(), &pieces);
  request.timeouts.answer = 1s;
  auto const begun = Steady::now();
  auto const answer = send(std::move(request));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().error.code == Code::timed_out);
  CHECK(answer.error().sent == Sent::all);
  CHECK(Steady::now() - begun < 15s);
}

TEST_CASE("body: a slow line that gets on is given the time it takes") {
  constexpr int parts = 3;
  test::ScriptedServer const server{[](test::Conversation& peer) {
    (void)peer.read_head();
    for (int part = 0; part < parts; ++part) {
      (void)peer.read(large_body / parts);
      std::this_thread::sleep_until(Steady::now() + 700ms);  // the line is slow: that is what is tested
    }
    (void)peer.read(large_body % parts);
    peer.write(test::http_answer("200 OK", "thanks"));
  }};
  Pieces pieces{large_body};
  Request request = request_of(server.address(), &pieces);
  request.timeouts.total = 1500ms;
  auto const begun = Steady::now();
  auto const answer = send(std::move(request));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(Steady::now() - begun > 1500ms);
}

TEST_CASE(
    "body: a server that refuses in the middle of it is heard, and what it says is good is not believed") {
  struct Case {
    char const* name;
    char const* status;
    bool heard;
  };
  for (Case const& c :
       {Case{"too large", "413 Payload Too Large", true}, Case{"taken for whole", "200 OK", false}}) {
    CAPTURE(c.name);
    test::ScriptedServer const server{[&](test::Conversation& peer) {
      (void)peer.read_head();
      (void)peer.read(piece_bytes);
      peer.write(test::http_answer(c.status, "so it is", "Connection: close\r\n"));
    }};
    Pieces pieces{large_body};
    auto const answer = send(request_of(server.address(), &pieces));
    REQUIRE(answer.has_value() == c.heard);
    if (answer) CHECK(answer->status == 413);
    if (answer) CHECK(answer->body == "so it is");
    if (!answer) CHECK(answer.error().sent == Sent::part);
  }
}

TEST_CASE("body: over a kept connection that the server closes it is sent anew from its first byte") {
  std::string body;
  int asked = 0;
  test::ScriptedServer const server{[&](test::Conversation& peer) {
    if (asked++ == 0) {
      (void)peer.read_head();
      peer.write(test::http_answer("200 OK", "hello"));
      (void)peer.read_head();
      return;  // in the middle of the body
    }
    (void)peer.read_head();
    body = peer.read(large_body);
    peer.write(test::http_answer("200 OK", "thanks"));
  }};
  Pieces pieces{large_body};
  std::vector<Request> requests;
  requests.push_back(request_of(server.address(), nullptr));
  requests.push_back(request_of(server.address(), &pieces));
  auto const answers = send(std::move(requests));
  REQUIRE(answers.back());
  CHECK(answers.back()->body == "thanks");
  CHECK(pieces.sendings == 2);
  CHECK(body == bytes_at(0, large_body));
}
