#include "orchestrator/http/server.hpp"

#include "orchestrator/http/client.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/http_get.hpp"
#include "tests/support/temporary_folder.hpp"

#include <atomic>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using http::ServerRequest;
using http::ServerResponse;
using test::call;
using test::HttpAnswer;

namespace {

namespace net = boost::asio;

http::Handler const echo = [](ServerRequest request) -> net::awaitable<ServerResponse> {
  ServerResponse response;
  response.headers.push_back({"Content-Type", "text/plain"});
  response.headers.push_back({"X-Seen", request.target + "\r\nInjected: yes"});
  response.body = request.method + " " + request.body;
  co_return response;
};

/// A server on a thread of its own, stopped and joined at the end.
class Running {
 public:
  explicit Running(http::Handler handler, http::ServerOptions options = {}) {
    auto started = http::Server::listen(io_, std::move(options), std::move(handler));
    REQUIRE(started.has_value());
    server_ = std::move(*started);
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~Running() {
    net::post(io_, [this] { server_->stop(); });
    net::co_spawn(io_, server_->join(), net::use_future).get();
    keep_running_.reset();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

 private:
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> keep_running_{io_.get_executor()};  // until joined
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

http::Handler file_of(std::filesystem::path path) {
  return [path = std::move(path)](ServerRequest) -> net::awaitable<ServerResponse> {
    ServerResponse response;
    response.headers = {{"Content-Type", "video/mp4"}, {"ETag", "\"v1\""}};
    response.body = http::FileBody{path};
    co_return response;
  };
}

}  // namespace

TEST_CASE("server: a request reaches the handler whole, and foreign text cannot forge a header") {
  Running const server{echo};
  HttpAnswer const answer = call({server.port(), "POST", "/a?b=c", {{"X-One", "1"}}, "hello"});
  CHECK(answer.status == 200);
  CHECK(answer.body == "POST hello");
  CHECK(answer.header("Content-Type") == "text/plain");
  CHECK(answer.header("Content-Length") == "10");
  CHECK(answer.header("X-Seen") == "/a?b=c  Injected: yes");
  CHECK(answer.header("Injected").empty());
}

TEST_CASE("server: one connection carries many requests, and HEAD gets no body") {
  Running const server{echo};
  std::string const bytes = test::raw_exchange(
      server.port(),
      "HEAD /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(bytes.find("Content-Length: 5") != std::string::npos);
  CHECK(bytes.find("HEAD ") == std::string::npos);
  CHECK(bytes.ends_with("GET "));
}

TEST_CASE("server: a stream is sent piece by piece, and closed at its end") {
  Running const server{[](ServerRequest) -> net::awaitable<ServerResponse> {
    ServerResponse response;
    response.headers = {{"Content-Type", "text/event-stream"}};
    response.body = http::StreamBody{[n = 0]() mutable -> net::awaitable<std::optional<std::string>> {
      if (n == 3) co_return std::nullopt;
      co_return "piece " + std::to_string(++n) + "\n";
    }};
    co_return response;
  }};
  HttpAnswer const answer = call({server.port()});
  CHECK(answer.body == "piece 1\npiece 2\npiece 3\n");
  CHECK(answer.header("Content-Length").empty());
  CHECK(answer.header("Connection") == "close");
  CHECK(call({server.port(), "HEAD"}).body.empty());
}

TEST_CASE("server: a reader that takes nothing is given nothing more, and is left") {
  std::promise<void> gone;
  std::atomic<int> asked{0};
  http::ServerOptions options;
  options.idle_time_out = std::chrono::milliseconds{200};
  Running const server{[&](ServerRequest) -> net::awaitable<ServerResponse> {
                         std::shared_ptr<int> const alive{new int, [&](int* number) {
                                                            delete number;
                                                            gone.set_value();
                                                          }};
                         ServerResponse response;
                         response.body =
                             http::StreamBody{[&, alive]() -> net::awaitable<std::optional<std::string>> {
                               ++asked;
                               co_return std::string(16'000'000, 'x');
                             }};
                         co_return response;
                       },
                       options};
  net::io_context io;
  net::ip::tcp::socket reader{io};
  reader.connect({net::ip::make_address("127.0.0.1"), server.port()});
  net::write(reader, net::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}));
  REQUIRE(gone.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready);
  CHECK(asked == 1);
}

TEST_CASE("server: the handler may have the connection closed") {
  Running const server{[](ServerRequest) -> net::awaitable<ServerResponse> {
    ServerResponse response;
    response.body = std::string{"go away"};
    response.sending = http::Sending::last;
    co_return response;
  }};
  // Read until the server closes: it need not wait for the time-out.
  std::string const bytes = test::raw_exchange(server.port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(bytes.find("Connection: close") != std::string::npos);
  CHECK(bytes.ends_with("go away"));
}

TEST_CASE("server: input is bounded and refused with the status that says why") {
  http::ServerOptions options;
  options.body_bytes_max = 100;
  options.header_bytes_max = 1024;
  Running const server{echo, options};
  CHECK(call({server.port(), "POST", "/", {}, std::string(100, 'x')}).status == 200);
  CHECK(call({server.port(), "POST", "/", {}, std::string(101, 'x')}).status == 413);
  CHECK(call({server.port(), "POST", "/", {}, std::string(5'000'000, 'x')}).status == 413);
  CHECK(call({server.port(), "GET", "/", {{"X-Long", std::string(2000, 'x')}}}).status == 431);
  CHECK(test::raw_exchange(server.port(), "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_CASE("server: a handler that throws is a 500, told to on_failure, and the server lives on") {
  std::string told;
  http::ServerOptions options;
  options.on_failure = [&](std::string_view what) { told = what; };
  http::Handler const moody = [](ServerRequest request) -> net::awaitable<ServerResponse> {
    if (request.target == "/throw") throw std::runtime_error{"broken"};
    co_return ServerResponse{};
  };
  {
    Running const server{moody, options};
    CHECK(call({server.port(), "GET", "/throw"}).status == 500);
    CHECK(call({server.port(), "GET", "/"}).status == 200);
  }
  CHECK(told == "broken");
}

TEST_CASE("server: files are served whole and in ranges") {
  test::TemporaryFolder const folder;
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i);
  std::ofstream{folder.path() / "clip.mp4", std::ios::binary} << content;
  Running const server{file_of(folder.path() / "clip.mp4")};
  std::string const size = std::to_string(content.size());

  struct Case {
    char const* name;
    http::Headers headers;
    int status;
    std::string content_range;
    std::string body;
  };
  for (Case const& c :
       {Case{"whole", {}, 200, "", content},
        Case{"first ten", {{"Range", "bytes=0-9"}}, 206, "bytes 0-9/" + size, content.substr(0, 10)},
        Case{"from the middle",
             {{"Range", "bytes=300000-"}},
             206,
             "bytes 300000-" + std::to_string(content.size() - 1) + "/" + size,
             content.substr(300'000)},
        Case{"last five",
             {{"Range", "bytes=-5"}},
             206,
             "bytes " + std::to_string(content.size() - 5) + "-" + std::to_string(content.size() - 1) + "/" +
                 size,
             content.substr(content.size() - 5)},
        Case{"beyond the end", {{"Range", "bytes=9999999-"}}, 416, "bytes */" + size, ""},
        Case{"malformed", {{"Range", "bytes=x-"}}, 200, "", content},
        Case{"several ranges", {{"Range", "bytes=0-1,3-4"}}, 200, "", content},
        Case{
            "same version", {{"Range", "bytes=0-1"}, {"If-Range", "\"v1\""}}, 206, "bytes 0-1/" + size, "01"},
        Case{"another version", {{"Range", "bytes=0-1"}, {"If-Range", "\"v0\""}}, 200, "", content}}) {
    CAPTURE(c.name);
    HttpAnswer const answer = call({server.port(), "GET", "/", c.headers});
    CHECK(answer.status == c.status);
    CHECK(answer.header("Content-Range") == c.content_range);
    CHECK(answer.header("Content-Type") == "video/mp4");
    CHECK(answer.header("Content-Length") == std::to_string(c.body.size()));
    CHECK((answer.body == c.body));
  }
}

TEST_CASE("server: an answer can be cut in half or withheld, and the connection then ends") {
  test::TemporaryFolder const folder;
  std::ofstream{folder.path() / "a.txt"} << "0123456789";
  for (bool const from_file : {false, true}) {
    CAPTURE(from_file);
    Running const running{[&](ServerRequest request) -> net::awaitable<ServerResponse> {
      ServerResponse response;
      if (from_file)
        response.body = http::FileBody{folder.path() / "a.txt"};
      else
        response.body = "0123456789";
      response.sending = request.target == "/half" ? http::Sending::half : http::Sending::none;
      co_return response;
    }};
    HttpAnswer const half = call({running.port(), "GET", "/half"});
    CHECK(half.status == 200);
    CHECK(half.header("Content-Length") == "10");
    CHECK(half.body == "01234");
    CHECK(test::raw_exchange(running.port(), "GET /none HTTP/1.1\r\nHost: a\r\n\r\n").empty());
  }
}

TEST_CASE("server: a file that is not there is a 404") {
  Running const server{file_of("/nonexistent/clip.mp4")};
  CHECK(call({server.port()}).status == 404);
}

TEST_CASE("server: a peer that says nothing is dropped after the idle time-out") {
  http::ServerOptions options;
  options.idle_time_out = std::chrono::milliseconds{50};
  Running const server{echo, options};
  CHECK(test::raw_exchange(server.port(), "GET / HT").empty());
}

TEST_CASE("server: a taken port is an error that says so") {
  Running const first{echo};
  net::io_context io;
  http::ServerOptions options;
  options.port = first.port();
  auto const second = http::Server::listen(io, options, echo);
  REQUIRE(!second);
  CHECK(second.error().code == Code::usage);
}

TEST_CASE("target: path and decoded query values") {
  CHECK(http::path_of("/v1/tasks?page=2") == "/v1/tasks");
  CHECK(http::query_value("/v1/tasks?page=2&model=a%2Db+c", "model") == "a-b c");
  CHECK(http::query_value("/v1/tasks?page=2", "size") == std::nullopt);
  CHECK(http::query_value("/v1/tasks?page", "page") == "");
}

namespace {

/// What a client that trusts that certificate gets.
http::Outcome<http::Response> by_tls(std::uint16_t port, std::filesystem::path const& trusted,
                                     std::string const& body) {
  auto client = http::make_client(trusted.string());
  REQUIRE(client);
  http::Request request;
  request.method = "POST";
  request.url = *http::parse_url("https://localhost:" + std::to_string(port) + "/x");
  request.body = body;
  std::optional<http::Outcome<http::Response>> outcome;
  net::io_context io{1};
  net::co_spawn(io, (*client)->send(request),
                [&](std::exception_ptr const& thrown, std::optional<http::Outcome<http::Response>> came) {
                  CHECK_FALSE(thrown);
                  outcome = std::move(came);
                });
  io.run();
  client->reset();
  return *std::move(outcome);
}

std::string told_of(http::ServerTls const& files) {
  net::io_context io;
  http::ServerOptions options;
  options.tls = files;
  auto const server = http::Server::listen(io, std::move(options), echo);
  return server ? "" : server.error().what;
}

}  // namespace

TEST_CASE("server: with a certificate it is spoken to by TLS, and by nothing else") {
  test::TemporaryFolder const folder;
  http::ServerTls const files{.certificate = folder.path() / "chain.pem", .key = folder.path() / "key.pem"};
  test::write_certificate({files.certificate, files.key}, "localhost");
  http::ServerOptions options;
  options.tls = files;
  Running const server{echo, std::move(options)};
  std::string const large(900'000, 'x');
  for (std::string const& body : {std::string{"hello"}, large}) {
    auto const answer = by_tls(server.port(), files.certificate, body);
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "POST " + body);
  }
  // Who does not trust it says nothing to it.
  auto const refused = by_tls(server.port(), {}, "hello");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().sent == http::Sent::nothing);
  // Plain text is no greeting.
  net::io_context io;
  net::ip::tcp::socket socket{io};
  socket.connect({net::ip::address_v4::loopback(), server.port()});
  net::write(socket, net::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}));
  std::string heard;
  boost::system::error_code ended;
  net::read(socket, net::dynamic_buffer(heard), ended);
  CHECK(ended);
  CHECK(heard.find("HTTP/1.1") == std::string::npos);
  CHECK(by_tls(server.port(), files.certificate, "still there").has_value());
}

TEST_CASE("server: files that are no certificate, or not its key, are told by name before it listens") {
  test::TemporaryFolder const folder;
  auto const at = [&](char const* name) { return folder.path() / name; };
  auto const write = [&](char const* name, std::string_view text) { std::ofstream{at(name)} << text; };
  test::write_certificate({at("chain.pem"), at("key.pem")}, "localhost");
  test::write_certificate({at("other.pem"), at("other-key.pem")}, "localhost");
  test::write_certificate({at("old.pem"), at("old-key.pem")}, "localhost", std::chrono::hours{-48});
  write("empty.pem", "");
  write("text.pem", "so much for that");
  write("locked.pem",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-256-CBC,0123456789ABCDEF0123456789ABCDEF\n\nAAAA\n-----END EC PRIVATE KEY-----\n");
  CHECK(told_of({at("chain.pem"), at("key.pem")}).empty());
  struct Case {
    char const* certificate;
    char const* key;
    char const* told;
  };
  for (Case const& c : {Case{"none.pem", "key.pem", "none.pem': No such file or directory"},
                        Case{"chain.pem", "none.pem", "none.pem': No such file or directory"},
                        Case{"empty.pem", "key.pem", "empty.pem': it is empty"},
                        Case{"text.pem", "key.pem", "text.pem' holds no certificate"},
                        Case{"key.pem", "key.pem", "key.pem' holds no certificate"},
                        Case{"chain.pem", "text.pem", "text.pem' holds no private key"},
                        Case{"chain.pem", "chain.pem", "chain.pem' holds no private key"},
                        Case{"chain.pem", "locked.pem", "locked.pem' has a passphrase"},
                        Case{"chain.pem", "other-key.pem", "is not that of the certificate"},
                        Case{"old.pem", "old-key.pem", "has expired on "}}) {
    CAPTURE(c.told);
    std::string const told = told_of({at(c.certificate), at(c.key)});
    CAPTURE(told);
    CHECK(told.find(c.told) != std::string::npos);
  }
}
