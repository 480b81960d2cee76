#include "orchestrator/gateway/input_urls.hpp"

#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <fstream>
#include <map>
#include <sstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::gateway;
using namespace std::chrono_literals;
namespace net = boost::asio;
namespace fs = std::filesystem;

namespace {

std::string content_of(fs::path const& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// What became of each address: its content, or "error: why". The client's connections stay on `io`.
std::vector<std::string> fetch_all(net::io_context& io, http::Client& client, std::vector<InputUrl> inputs,
                                   InputReach reach, fs::path const& folder) {
  std::vector<std::string> found(inputs.size());
  std::exception_ptr failure;
  net::co_spawn(io,
                fetch_inputs(client, std::move(inputs), reach, folder,
                             [&](std::size_t number, Result<fs::path> const& file) {
                               CHECK(found[number].empty());
                               found[number] = file ? content_of(*file) : "error: " + file.error().what;
                             }),
                [&](std::exception_ptr const& thrown) { failure = thrown; });
  io.run();
  CHECK_FALSE(failure);
  return found;
}

std::string fetch_one(std::string const& url, InputReach reach, std::uint64_t most = 1'000'000) {
  test::TemporaryFolder const folder;
  net::io_context io{1};
  auto client = http::make_client();
  REQUIRE(client);
  auto const found = fetch_all(io, **client, {{.url = url, .bytes_most = most}}, reach, folder.path());
  CHECK(fs::is_empty(folder.path()));
  return found.front();
}

/// Answers from a table, and notes what was asked. An address that is not there: 404.
class TableClient final : public http::Client {
 public:
  std::map<std::string, std::string> redirects;  ///< url -> location
  std::vector<http::Request> asked;
  int under_way = 0;
  int most_under_way = 0;

  net::awaitable<http::Outcome<http::Response>> send(http::Request /*request*/) override {
    co_return http::Response{};
  }
  net::awaitable<http::Outcome<http::Response>> stream(http::Request request, http::BodySink& sink) override {
    most_under_way = std::max(most_under_way, ++under_way);
    net::steady_timer timer{co_await net::this_coro::executor, 2ms};
    co_await timer.async_wait(net::use_awaitable);
    http::Response response;
    response.status = 404;
    std::string const url = http::to_string(request.url);
    asked.push_back(std::move(request));
    if (auto const found = redirects.find(url); found != redirects.end()) {
      response.status = 302;
      response.headers.push_back({"Location", found->second});
    } else if (url.ends_with(".jpg")) {
      response.status = 200;
    }
    (void)sink.begin(response, 4);
    (void)sink.write("body");
    --under_way;
    co_return response;
  }
};

}  // namespace

TEST_CASE("input urls: what stands there is fetched, and no further than its bound") {
  test::ScriptedServer const server{[](test::Conversation& peer) {
    std::string const head = peer.read_head();
    CHECK(head.find("Authorization") == std::string::npos);
    if (head.starts_with("GET /picture.jpg "))
      peer.write(test::http_answer("200 OK", "a picture"));
    else if (head.starts_with("GET /endless "))  // without a length
      peer.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(200'000, 'x'));
    else if (head.starts_with("GET /cut "))
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all");
    else if (head.starts_with("GET /moved "))
      peer.write(test::http_answer("301 Moved", "", "Location: /picture.jpg\r\n"));
    else if (head.starts_with("GET /round "))
      peer.write(test::http_answer("302 Found", "", "Location: /round\r\n"));
    else
      peer.write(test::http_answer("404 Not Found", "no"));
  }};
  std::string const at = server.address();
  CHECK(fetch_one(at + "/picture.jpg", InputReach::anywhere) == "a picture");
  CHECK(fetch_one(at + "/moved", InputReach::anywhere) == "a picture");
  CHECK(fetch_one(at + "/gone", InputReach::anywhere) == "error: " + at + " answered 404");
  CHECK(fetch_one(at + "/picture.jpg", InputReach::anywhere, 9) == "a picture");
  CHECK(fetch_one(at + "/picture.jpg", InputReach::anywhere, 8).find("larger than") != std::string::npos);
  CHECK(fetch_one(at + "/endless", InputReach::anywhere, 100'000).find("larger than") != std::string::npos);
  CHECK(fetch_one(at + "/cut", InputReach::anywhere).starts_with("error: "));
  CHECK(fetch_one(at + "/round", InputReach::anywhere) == "error: it was redirected too often");
  CHECK(fetch_one("ftp://x/y", InputReach::anywhere).starts_with("error: 'ftp://x/y' is not an http"));
}

TEST_CASE("input urls: private addresses and plain http are asked only where that is allowed") {
  test::ScriptedServer const server{[](test::Conversation& peer) {
    if (!peer.read_head().empty()) peer.write(test::http_answer("200 OK", "a secret of this network"));
  }};
  CHECK(fetch_one(server.address() + "/", InputReach::https_public).find("plain http") != std::string::npos);
  std::string const port = std::to_string(server.port());
  for (char const* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    CAPTURE(host);
    CHECK(fetch_one(std::string{"https://"} + host + ":" + port + "/", InputReach::https_public)
              .find("leads to a private address") != std::string::npos);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("input urls: every hop is held to the rules, and each address is asked once, a few at a time") {
  test::TemporaryFolder const folder;
  TableClient client;
  client.redirects = {{"https://a.example/down", "http://a.example/x.jpg"},
                      {"https://a.example/on", "https://b.example/x.jpg"},
                      {"https://a.example/odd", "file:///etc/passwd"}};
  std::vector<InputUrl> inputs;
  for (char const* path : {"down", "on", "odd", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"})
    inputs.push_back({.url = std::string{"https://a.example/"} + path, .bytes_most = 100});
  net::io_context io{1};
  auto const found = fetch_all(io, client, inputs, InputReach::https_public, folder.path());
  CHECK(found[0].find("plain http") != std::string::npos);
  CHECK(found[1] == "body");
  CHECK(found[2].find("is not an http or https address") != std::string::npos);
  for (std::size_t i = 3; i < found.size(); ++i) CHECK(found[i] == "body");
  CHECK(client.asked.size() == inputs.size() + 1);
  for (http::Request const& request : client.asked) CHECK(request.addresses == http::Addresses::public_only);
  CHECK(client.most_under_way == 4);
  CHECK(fs::is_empty(folder.path()));
}
