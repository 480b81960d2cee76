#include "orchestrator/web/live_server.hpp"

#include "tests/support/http_get.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using web::LiveServer;
using web::RunOrder;

namespace {

namespace net = boost::asio;
using namespace std::chrono_literals;

class FakeDesk final : public web::LiveDesk {
 public:
  std::string state() override { return now; }
  Result<void> act(RunOrder order) override {
    orders.push_back(order);
    now = "\"acted\"";
    return {};
  }
  std::optional<std::filesystem::path> clip(std::string_view /*name*/) override { return std::nullopt; }

  std::string now = "\"first\"";
  std::vector<RunOrder> orders;
};

/// A page on a thread of its own. The desk belongs to that thread: on() goes there.
class Running {
 public:
  Running() {
    auto opened = LiveServer::open(*io_, desk_, 0, "test");
    REQUIRE(opened.has_value());
    server_ = *std::move(opened);
    std::string const address = server_->address();
    std::size_t const colon = address.rfind(':');
    port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
    path = address.substr(address.find('/', colon));
    thread_ = std::thread{[this] { io_->run(); }};
  }
  ~Running() { go(); }

  template <class Work>
  void on(Work work) {
    std::promise<void> done;
    net::post(*io_, [&] {
      work(*server_, desk_);
      done.set_value();
    });
    done.get_future().get();
  }
  std::future<void> finish() { return net::co_spawn(*io_, server_->finish(), net::use_future); }
  /// As a process that is told to end: whatever is open goes with it.
  void go() {
    if (!thread_.joinable()) return;
    io_->stop();
    thread_.join();
    server_.reset();
    io_.reset();
  }
  [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port) + path; }

  std::uint16_t port = 0;
  std::string path;

 private:
  FakeDesk desk_;
  std::unique_ptr<net::io_context> io_ = std::make_unique<net::io_context>(1);
  std::unique_ptr<LiveServer> server_;
  std::thread thread_;
};

/// One that reads the events of a page.
class Reader {
 public:
  explicit Reader(Running const& page) {
    socket_.connect({net::ip::make_address("127.0.0.1"), page.port});
    std::string const request = "GET " + page.path +
                                "events HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(page.port) +
                                "\r\nConnection: close\r\n\r\n";
    net::write(socket_, net::buffer(request));
  }
  /// Up to an empty line; empty: the connection has ended.
  std::string next() {
    boost::system::error_code error;
    std::size_t const count = net::read_until(socket_, buffer_, "\n\n", error);
    std::string text{net::buffers_begin(buffer_.data()),
                     net::buffers_begin(buffer_.data()) + static_cast<std::ptrdiff_t>(count)};
    buffer_.consume(count);
    return text;
  }
  /// The state of the next event that has one.
  std::string next_state() {
    for (std::string event = next(); !event.empty(); event = next())
      if (std::size_t const data = event.find("data: "); data != std::string::npos)
        return event.substr(data + 6, event.size() - data - 8);
    return "";
  }

 private:
  net::io_context io_;
  net::ip::tcp::socket socket_{io_};
  net::streambuf buffer_;
};

/// The first line of the answer.
std::string exchange(Running const& page, std::string const& line, std::string const& more) {
  std::string const host = "127.0.0.1:" + std::to_string(page.port);
  std::string const bytes =
      test::raw_exchange(page.port, line + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
                                        "\r\nConnection: close\r\n" + more);
  return bytes.substr(0, bytes.find('\r'));
}

std::string post(Running const& page, std::string const& what) {
  return exchange(page, "POST " + page.path + what,
                  "Content-Type: application/json\r\nX-Callsheet-Token: " +
                      page.path.substr(1, page.path.size() - 2) + "\r\nContent-Length: 2\r\n\r\n{}");
}

}  // namespace

TEST_CASE("live page: a reader has the state at once, then what changes, and a word at the end") {
  Running page;
  Reader reader{page};
  CHECK(reader.next_state() == "\"first\"");
  CHECK(post(page, "pause") == "HTTP/1.1 200 OK");
  CHECK(reader.next_state() == "\"acted\"");
  page.on([](LiveServer&, FakeDesk& desk) {
    CHECK(desk.orders == std::vector{RunOrder::pause});
    desk.now = "\"last\"";
  });
  auto const finished = page.finish();
  CHECK(reader.next_state() == "\"last\"");
  CHECK(post(page, "content") == "HTTP/1.1 200 OK");
  CHECK(reader.next() == "event: over\ndata: {}\n\n");
  CHECK(reader.next().empty());
  // It had all it wanted, and said so.
  CHECK(finished.wait_for(1500ms) == std::future_status::ready);
}

TEST_CASE("live page: it ends though a reader never says that it is content") {
  Running page;
  Reader reader{page};
  CHECK(reader.next_state() == "\"first\"");
  CHECK(page.finish().wait_for(10s) == std::future_status::ready);
  CHECK(reader.next() == "event: over\ndata: {}\n\n");
}

TEST_CASE("live page: it may go while readers look on") {
  Running page;
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 3; ++i) {
    readers.push_back(std::make_unique<Reader>(page));
    CHECK(readers.back()->next_state() == "\"first\"");
  }
  page.go();
  for (auto const& reader : readers) CHECK(reader->next().empty());
}

TEST_CASE("live page: there are only so many readers, and a place is free when one has left") {
  Running page;
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 16; ++i) {
    readers.push_back(std::make_unique<Reader>(page));
    CHECK(readers.back()->next_state() == "\"first\"");
  }
  CHECK(exchange(page, "GET " + page.path + "events", "\r\n") == "HTTP/1.1 503 Service Unavailable");
  readers.pop_back();
  // That it has left is seen as soon as there is something to tell: twice, as the first piece may still be
  // taken.
  int number = 0;
  std::unique_ptr<Reader> next;
  for (auto const end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
    page.on([&](LiveServer& server, FakeDesk& desk) {
      desk.now = std::to_string(++number);
      server.tick();
    });
    next = std::make_unique<Reader>(page);
    if (!next->next_state().empty()) break;
    next.reset();
  }
  CHECK(next);
}
