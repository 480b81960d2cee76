#include "orchestrator/http/client.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tls_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::http;
using namespace std::chrono_literals;
namespace net = boost::asio;

namespace {

ProxyRules rules(std::string_view proxy, std::string_view exceptions = {}) {
  auto parsed = ProxyRules::parse(proxy, exceptions);
  REQUIRE(parsed);
  return *std::move(parsed);
}

std::string proxy_of(ProxyRules const& rules, char const* url) {
  auto const parsed = parse_url(url);
  REQUIRE(parsed);
  Proxy const* const proxy = rules.proxy_for(*parsed);
  return proxy == nullptr ? "none" : proxy->host + ":" + std::to_string(proxy->port);
}

Request request_to(std::string const& url, char const* method = "GET") {
  Request request;
  request.method = method;
  request.url = *parse_url(url);
  request.timeouts = {.connect = 2s, .idle = 2s, .total = 5s};
  return request;
}

/// Sends them one after the other with one client.
std::vector<Outcome<Response>> send(ProxyRules proxies, std::string const& ca_file,
                                    std::vector<Request> requests) {
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

}  // namespace

TEST_CASE("proxy: what the environment says of it") {
  CHECK(proxy_of(rules(""), "https://api.example") == "none");
  CHECK(proxy_of(rules("http://proxy.example:3128"), "https://api.example") == "proxy.example:3128");
  CHECK(proxy_of(rules("proxy.example"), "https://api.example") == "proxy.example:1080");
  CHECK(proxy_of(rules(" HTTP://proxy.example:80/ "), "https://api.example") == "proxy.example:80");
  CHECK(proxy_of(rules("http://[::2]:3128"), "https://api.example") == "::2:3128");
  CHECK(proxy_of(rules("http://u:p@proxy.example:8080"), "https://api.example") == "proxy.example:8080");
  // Plain http goes to this machine alone, and what is on this machine needs no other.
  for (char const* url : {"http://api.example", "https://localhost", "https://127.0.0.1:8443",
                          "https://[::1]", "https://x.localhost"}) {
    CAPTURE(url);
    CHECK(proxy_of(rules("proxy.example"), url) == "none");
  }
  for (char const* bad :
       {"socks5://proxy.example", "https://proxy.example", "http://", "http://user:secret@", "http://pro xy",
        "http://proxy:0", "http://user:secret@proxy:99999", "http://user:sec/ret@proxy"}) {
    CAPTURE(bad);
    auto const parsed = ProxyRules::parse(bad, "");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Code::usage);
    CHECK(parsed.error().what.find("secret") == std::string::npos);
  }
}

TEST_CASE("proxy: exceptions are names with what is below them, addresses and networks") {
  struct Case {
    char const* exceptions;
    char const* url;
    bool direct;
  };
  for (Case const& c : {Case{"*", "https://api.example", true},
                        Case{"api.example", "https://api.example", true},
                        Case{"API.Example", "https://api.EXAMPLE", true},
                        Case{"api.example", "https://eu.api.example", true},
                        Case{".api.example", "https://eu.api.example", true},
                        Case{"*.api.example", "https://eu.api.example", true},
                        Case{"api.example", "https://notapi.example", false},
                        Case{"pi.example", "https://api.example", false},
                        Case{"a.example, ,b.example", "https://b.example", true},
                        Case{"api.example:8443", "https://api.example:8443", true},
                        Case{"api.example:8443", "https://api.example", false},
                        Case{"api.example:none", "https://api.example", false},
                        Case{"10.0.0.0/8", "https://10.1.2.3", true},
                        Case{"10.0.0.0/8", "https://11.1.2.3", false},
                        Case{"10.0.0.0/8", "https://api.example", false},
                        Case{"10.1.2.3", "https://10.1.2.3", true},
                        Case{"2.3", "https://10.1.2.3", false},
                        Case{"fd00::/8", "https://[fd12::1]", true},
                        Case{"fd00::/8", "https://[fe80::1]", false},
                        Case{"[fd12::1]", "https://[fd12::1]", true},
                        Case{"fd12::1", "https://[fd12:0::1]", true},
                        Case{"[fd12::1]:444", "https://[fd12::1]", false},
                        Case{"10.0.0.0/99", "https://10.1.2.3", false},
                        Case{"", "https://api.example", false}}) {
    CAPTURE(c.exceptions);
    CAPTURE(c.url);
    CHECK((proxy_of(rules("proxy.example", c.exceptions), c.url) == "none") == c.direct);
  }
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "a,";
  CHECK_FALSE(ProxyRules::parse("proxy.example", many));
}

TEST_CASE("proxy: what it is told, and what its answers mean") {
  auto const told = [](char const* proxy, char const* url) {
    ProxyRules const parsed = rules(proxy);
    auto const target = parse_url(url);
    return connect_request(*parsed.proxy_for(*target), *target);
  };
  CHECK(told("proxy.example", "https://api.example/v1/tasks?x=1") ==
        "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\nUser-Agent: callsheet\r\n\r\n");
  CHECK(told("http://us%40er:p%3Ass@proxy.example", "https://[fd12::1]:8443") ==
        "CONNECT [fd12::1]:8443 HTTP/1.1\r\nHost: [fd12::1]:8443\r\nUser-Agent: callsheet\r\n"
        "Proxy-Authorization: Basic dXNAZXI6cDpzcw==\r\n\r\n");
  struct Case {
    char const* bytes;
    TunnelAnswer answer;
    int status;
  };
  for (Case const& c :
       {Case{"", TunnelAnswer::unfinished, 0}, Case{"HTT", TunnelAnswer::unfinished, 0},
        Case{"HTTP/1.1 200 Connection established\r\n", TunnelAnswer::unfinished, 0},
        Case{"HTTP/1.1 200 Connection established\r\n\r\n", TunnelAnswer::open, 200},
        Case{"HTTP/1.0 200 \r\nVia: x\r\n\r\n", TunnelAnswer::open, 200},
        Case{"HTTP/1.1 407 No\r\n\r\nbody", TunnelAnswer::wants_credentials, 407},
        Case{"HTTP/1.1 403 No\r\n\r\n", TunnelAnswer::refused, 403},
        Case{"HTTP/1.1 302 No\r\n\r\n", TunnelAnswer::refused, 302},
        Case{"HTTP/1.1 2\r\n\r\n", TunnelAnswer::no_http, 0},
        Case{"HTTP/1.1 200 OK\r\n\r\n\x16\x03", TunnelAnswer::no_http, 200},
        Case{"SSH-2.0", TunnelAnswer::no_http, 0}, Case{"\r\n\r\n", TunnelAnswer::no_http, 0}}) {
    CAPTURE(c.bytes);
    int status = -1;
    CHECK(read_tunnel_answer(c.bytes, status) == c.answer);
    if (c.status != 0) CHECK(status == c.status);
  }
}

TEST_CASE("proxy: requests go through its tunnel, which is kept") {
  test::TlsServer const gateway{"gateway.test", [](std::string const& request) {
                                  CHECK(request.find("Proxy-Authorization") == std::string::npos);
                                  return test::http_answer("200 OK", "through");
                                }};
  std::string asked;
  test::ScriptedServer const proxy{[&](test::Conversation& peer) {
    asked += peer.read_head();
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.tunnel_to(gateway.port());
  }};
  std::string const environment = "http://user:password@127.0.0.1:" + std::to_string(proxy.port());
  auto const outcomes =
      send(rules(environment), gateway.certificate().string(),
           {request_to("https://gateway.test/a"), request_to("https://gateway.test/b", "POST")});
  for (auto const& outcome : outcomes) {
    if (!outcome) FAIL(outcome.error().error.what);
    CHECK(outcome->body == "through");
  }
  CHECK(proxy.connections() == 1);
  CHECK(asked.starts_with("CONNECT gateway.test:443 HTTP/1.1\r\n"));
  CHECK(asked.find("\r\nProxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n") != std::string::npos);
  // The certificate has to be the host's, whatever lies between.
  auto const other =
      send(rules(environment), gateway.certificate().string(), {request_to("https://other.test/")});
  REQUIRE_FALSE(other.front());
  CHECK(other.front().error().sent == Sent::nothing);
}

TEST_CASE("proxy: one that does not let through has certainly sent nothing on") {
  test::TemporaryFolder const folder;
  struct Case {
    char const* answer;
    char const* told;
  };
  for (Case const& c : {Case{"HTTP/1.1 403 Forbidden\r\n\r\n", "refused to connect to gateway.test: 403"},
                        Case{"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "wants other credentials"},
                        Case{"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                             "does not speak as a proxy"},
                        Case{"220 mail.example ESMTP\r\n", "does not speak as a proxy"},
                        Case{"HTTP/1.1 200 OK\r\n\r\n", "the TLS handshake with gateway.test failed"},
                        Case{"", "speaking to the proxy"}}) {
    CAPTURE(c.answer);
    test::ScriptedServer const proxy{[&](test::Conversation& peer) {
      CHECK(peer.read_head().find("a secret body") == std::string::npos);
      peer.write(c.answer);
    }};
    Request request = request_to("https://gateway.test/", "POST");
    request.body = "a secret body";
    auto const outcome =
        send(rules("127.0.0.1:" + std::to_string(proxy.port())), "", {std::move(request)}).front();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().sent == Sent::nothing);
    CHECK(outcome.error().error.what.find(c.told) != std::string::npos);
  }
  SUBCASE("it is silent, or talks without end") {
    for (bool const silent : {true, false}) {
      CAPTURE(silent);
      test::ScriptedServer const proxy{[&](test::Conversation& peer) {
        (void)peer.read_head();
        if (!silent) peer.write("HTTP/1.1 200 OK\r\n" + std::string(20'000, 'x'));
        (void)peer.read_head();  // until the client goes away
      }};
      Request request = request_to("https://gateway.test/", "POST");
      request.timeouts.connect = 200ms;
      auto const outcome =
          send(rules("127.0.0.1:" + std::to_string(proxy.port())), "", {std::move(request)}).front();
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().sent == Sent::nothing);
      CHECK(outcome.error().error.code == (silent ? Code::timed_out : Code::unreachable));
    }
  }
  SUBCASE("it is not there") {
    auto const outcome =
        send(rules("127.0.0.1:1"), "", {request_to("https://gateway.test/", "POST")}).front();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().sent == Sent::nothing);
    CHECK(outcome.error().error.what.find("connecting to the proxy 127.0.0.1:1") != std::string::npos);
  }
}

TEST_CASE("proxy: a tunnel that breaks after the request leaves it open whether it arrived") {
  test::TlsServer const gateway{"gateway.test", [](std::string const&) { return std::string{}; }};
  test::ScriptedServer const proxy{[&](test::Conversation& peer) {
    (void)peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    peer.tunnel_to(gateway.port());
  }};
  auto const outcome = send(rules("127.0.0.1:" + std::to_string(proxy.port())),
                            gateway.certificate().string(), {request_to("https://gateway.test/", "POST")})
                           .front();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().sent == Sent::all);
  CHECK_FALSE(outcome.error().answer_began);
}

TEST_CASE("proxy: it is not asked for private addresses where only public ones are meant") {
  test::ScriptedServer const proxy{[](test::Conversation& peer) {
    (void)peer.read_head();
    peer.write("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  }};
  auto const code_for = [&](char const* url) {
    Request request = request_to(url);
    request.addresses = Addresses::public_only;
    return send(rules("127.0.0.1:" + std::to_string(proxy.port())), "", {std::move(request)})
        .front()
        .error()
        .error.code;
  };
  for (char const* url :
       {"https://10.0.0.1/", "https://[fd12::1]/", "https://intranet/", "https://wiki.corp/",
        "https://printer.LAN./", "https://127.1/", "https://0x7f000001/", "https://a.0x7f/"}) {
    CAPTURE(url);
    CHECK(code_for(url) == Code::refused_address);
  }
  CHECK(proxy.connections() == 0);
  for (char const* url : {"https://cdn.example.com/", "https://93.184.216.34/"}) {
    CAPTURE(url);
    CHECK(code_for(url) == Code::unreachable);
  }
  CHECK(proxy.connections() == 2);
}
