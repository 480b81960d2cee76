#include "orchestrator/http/server.hpp"
#include "tests/local_gateway/gateway_fixture.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace callsheet::test {

using local_gateway::Reach;
using nlohmann::json;
using std::chrono::milliseconds;
using Instant = std::chrono::steady_clock::time_point;

namespace {

struct Heard {
  http::ServerRequest request;
  Instant at;
};

/// Takes calls on this machine and answers them with one status after the other, the last one for good.
class Receiver {
 public:
  explicit Receiver(std::vector<int> statuses = {200}) : statuses_{std::move(statuses)} {
    auto server = http::Server::listen(
        io_, {}, [this](http::ServerRequest request) { return take(std::move(request)); });
    REQUIRE(server.has_value());
    server_ = *std::move(server);
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~Receiver() {
    io_.stop();
    thread_.join();
  }
  Receiver(Receiver const&) = delete;
  Receiver& operator=(Receiver const&) = delete;

  [[nodiscard]] std::string url(std::string const& path = "/hooks/1") const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  /// The first `count` calls; fails the test after 60 s.
  std::vector<Heard> wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return heard_.size() >= count; }));
    return heard_;
  }
  std::size_t heard_of(std::string const& path) {
    std::lock_guard const lock{mutex_};
    return static_cast<std::size_t>(std::count_if(
        heard_.begin(), heard_.end(), [&](Heard const& heard) { return heard.request.target == path; }));
  }

 private:
  boost::asio::awaitable<http::ServerResponse> take(http::ServerRequest request) {
    std::lock_guard const lock{mutex_};
    http::ServerResponse response;
    response.status = statuses_.at(std::min(heard_.size(), statuses_.size() - 1));
    heard_.push_back({std::move(request), std::chrono::steady_clock::now()});
    changed_.notify_all();
    co_return response;
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<http::Server> server_;
  std::vector<int> statuses_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Heard> heard_;
  std::thread thread_;
};

local_gateway::Options calling(Reach reach = Reach::anywhere) {
  local_gateway::Options options = GatewayFixture::quick();
  options.reach = reach;
  options.callback_first_wait = milliseconds{20};
  return options;
}

json order_to(std::string const& url) {
  json order = plain_order();
  order["callback_url"] = url;
  return order;
}

}  // namespace

TEST_CASE(
    "callbacks: a task that has ended, well or not, is told as its reader would be told, its bill settled") {
  for (double const fail_ratio : {0.0, 1.0}) {
    CAPTURE(fail_ratio);
    Receiver receiver;
    local_gateway::Options options = calling();
    options.fail_ratio = fail_ratio;
    GatewayFixture const fixture{options};
    std::string const id = fixture.create_task(order_to(receiver.url("/hooks/a?b=c")));
    Heard const heard = receiver.wait_for(1).front();
    CHECK(heard.request.method == "POST");
    CHECK(heard.request.target == "/hooks/a?b=c");
    CHECK(http::find_header(heard.request.headers, "Content-Type") == "application/json");
    CHECK_FALSE(http::find_header(heard.request.headers, "Authorization").has_value());
    json const told = json::parse(heard.request.body);
    CHECK(told == fixture.wait_for_end(id));
    CHECK(told.at("status") == (fail_ratio > 0 ? "failed" : "completed"));
    CHECK(told.at("billing").at("charge_status") == (fail_ratio > 0 ? "released" : "charged"));
  }
}

TEST_CASE("callbacks: what is not answered by a 2xx is called three times more, 1, 2 and 4 waits later") {
  struct Case {
    char const* name;
    std::vector<int> statuses;
    std::size_t calls;
  };
  for (Case const& c : {Case{"no content is as good", {204}, 1}, Case{"refused once", {500, 200}, 2},
                        Case{"redirected", {302, 202}, 2}, Case{"refused for ever", {404}, 4}}) {
    CAPTURE(c.name);
    Receiver receiver{c.statuses};
    GatewayFixture const fixture{calling()};
    fixture.create_task(order_to(receiver.url("/hooks/first")));
    std::vector<Heard> const heard = receiver.wait_for(c.calls);
    milliseconds wait{20};
    for (std::size_t i = 1; i < c.calls; ++i, wait *= 2) {
      CHECK(heard[i].request.body == heard[i - 1].request.body);
      CHECK(heard[i].at - heard[i - 1].at >= wait);
    }
    // Had it a fifth in mind, it would come while two more are called for as long as that.
    for (int further = 0; further < 2; ++further) {
      std::size_t const before = receiver.wait_for(0).size();
      fixture.create_task(order_to(receiver.url("/hooks/further")));
      static_cast<void>(receiver.wait_for(before + (c.calls == 4 ? 4 : 1)));
    }
    CHECK(receiver.heard_of("/hooks/first") == c.calls);
  }
}

TEST_CASE("callbacks: whom the gateway calls, and what it takes, hangs on what it was started for") {
  struct Case {
    Reach reach;
    bool takes_http;
    bool calls_here;
  };
  for (Case const& c : {Case{Reach::public_internet, false, false}, Case{Reach::this_machine, true, true},
                        Case{Reach::anywhere, true, true}}) {
    CAPTURE(static_cast<int>(c.reach));
    Receiver receiver;
    GatewayFixture const fixture{calling(c.reach)};
    HttpAnswer const answer = fixture.create(order_to(receiver.url()));
    CHECK(answer.status == (c.takes_http ? 200 : 400));
    if (!c.takes_http) CHECK(json_of(answer).at("error").at("param") == "callback_url");
    if (c.calls_here) static_cast<void>(receiver.wait_for(1));
    json element{{"model", "kling-custom-element"},
                 {"callback_url", receiver.url("/hooks/element")},
                 {"model_params",
                  {{"element_name", "hero"},
                   {"element_description", "a hero"},
                   {"reference_type", "video_refer"},
                   {"element_video_list", {{"video_url", "https://example.com/a.mp4"}}}}}};
    CHECK(fixture.create(element).status == (c.takes_http ? 200 : 400));
    if (c.calls_here) CHECK(receiver.wait_for(2).back().request.target == "/hooks/element");
    CHECK(fixture.create(order_to("ftp://example.com/hooks")).status == 400);
  }
}

TEST_CASE("callbacks: a storm loses some and makes others come twice, and the bill says so") {
  Receiver receiver;
  local_gateway::Options options = calling();
  options.faults.callbacks = {.lose = 0.3, .twice = 0.5};
  GatewayFixture const fixture{options};
  constexpr int tasks = 40;
  for (int i = 0; i < tasks; ++i) {
    std::string const id = fixture.create_task(order_to(receiver.url("/hooks/" + std::to_string(i))));
    static_cast<void>(fixture.wait_for_end(id));
  }
  local_gateway::Bill const bill = fixture.bill();
  std::map<std::string, std::uint64_t> counts;
  for (local_gateway::FaultCount const& fault : bill.faults) counts[fault.name] = fault.count;
  std::uint64_t const lost = counts["callbacks.lose"], doubled = counts["callbacks.twice"];
  CHECK(lost > 0);
  CHECK(doubled > 0);
  static_cast<void>(receiver.wait_for(tasks - lost + doubled));
  std::size_t struck = 0;
  for (int i = 0; i < tasks; ++i) {
    auto const& faults = bill.lines.at(static_cast<std::size_t>(i)).faults;
    bool const is_lost = faults == std::vector<std::string>{"callbacks.lose"};
    bool const is_doubled = faults == std::vector<std::string>{"callbacks.twice"};
    struck += is_lost || is_doubled ? 1 : 0;
    CHECK(receiver.heard_of("/hooks/" + std::to_string(i)) == (is_lost ? 0U : is_doubled ? 2U : 1U));
  }
  CHECK(struck == lost + doubled);
}

TEST_CASE("callbacks: stopping the gateway does not wait for a receiver that refuses") {
  Receiver receiver{{500}};
  local_gateway::Options options = calling();
  options.callback_first_wait = std::chrono::hours{1};
  GatewayFixture fixture{options};
  fixture.create_task(order_to(receiver.url()));
  static_cast<void>(receiver.wait_for(1));
  fixture.stop();
}

TEST_CASE("callbacks: nor for one that never answers") {
  std::atomic<bool> called = false;
  ScriptedServer const receiver{[&](Conversation& conversation) {
    static_cast<void>(conversation.read_head());
    called = true;
    static_cast<void>(conversation.read_head());  // until the gateway is gone
  }};
  {
    GatewayFixture const fixture{calling()};
    fixture.create_task(order_to(receiver.address() + "/hooks"));
    while (!called) std::this_thread::yield();
  }
  CHECK(receiver.connections() == 1);
}

TEST_CASE("callbacks: a task that ends after a restart is told as well") {
  TemporaryFolder const folder;
  Receiver receiver;
  ManualClock clock;
  local_gateway::Options options = calling();
  options.state_dir = folder.path();
  options.clock = &clock;
  options.latency_scale = 1;
  std::string id;
  {
    GatewayFixture const fixture{options};
    id = fixture.create_task(order_to(receiver.url()));
  }
  clock.advance(std::chrono::hours{1});
  // What was taken is owed, whatever the gateway would take now.
  GatewayFixture const fixture{options};
  CHECK(json::parse(receiver.wait_for(1).front().request.body).at("id") == id);
}

}  // namespace callsheet::test
