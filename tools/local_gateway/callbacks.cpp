#include "tools/local_gateway/callbacks.hpp"

#include <deque>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace net = boost::asio;

namespace {

constexpr std::chrono::seconds time_out{10};  // gateway-api.md section 7
constexpr int retries = 3;
constexpr std::uint64_t answer_most = 64u << 10;  // bytes; nobody reads it
constexpr std::size_t at_once = 256;

struct Call {
  http::Request request;
  http::Client* client;
  int times = 1;
};

}  // namespace

struct Callbacks::State : std::enable_shared_from_this<State> {
  State(net::any_io_executor on, std::shared_ptr<Outside> through, Settings with)
      : executor{std::move(on)}, settings{std::move(with)}, outside{std::move(through)} {}

  void add(Call call) {
    queue.push_back(std::move(call));
    begin();
  }

  void begin() {
    while (!over && under_way < at_once && !queue.empty()) {
      ++under_way;
      Call next = std::move(queue.front());
      queue.pop_front();
      net::co_spawn(executor, carry_out(shared_from_this(), std::move(next)),
                    [self = shared_from_this()](std::exception_ptr const& thrown) { self->ended(thrown); });
    }
  }

  void ended(std::exception_ptr const& thrown) {
    --under_way;
    if (thrown) tell("a callback failed: a bug in callsheet");
    begin();
  }

  void tell(std::string_view what) const {
    if (settings.on_fault) settings.on_fault(what);
  }

  /// By value: the state lives as long as the last call.
  static net::awaitable<void> carry_out(std::shared_ptr<State> self, Call call) {
    for (int n = 0; n < call.times && !self->over; ++n) co_await get_across(self, call);
  }

  static net::awaitable<void> get_across(std::shared_ptr<State> self, Call call) {
    std::chrono::milliseconds wait = self->settings.first_wait;
    for (int retry = 0; !self->over; ++retry, wait *= 2) {
      http::Request request = call.request;
      auto const answer = co_await call.client->send(std::move(request));
      bool const heard = answer && answer->status >= 200 && answer->status < 300;
      if (heard || retry == retries) co_return;
      net::steady_timer timer{self->executor, wait};
      co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    }
  }

  net::any_io_executor executor;
  Settings settings;
  std::shared_ptr<Outside> outside;
  std::deque<Call> queue;
  std::size_t under_way = 0;
  bool over = false;
};

Callbacks::Callbacks(net::any_io_executor executor, std::shared_ptr<Outside> outside, Settings settings)
    : state_{std::make_shared<State>(std::move(executor), std::move(outside), std::move(settings))} {}

Callbacks::~Callbacks() {
  stop();
}

void Callbacks::call(std::string_view url, std::string body, int times) {
  State& state = *state_;
  if (state.over) return;
  Result<http::Request> request = state.outside->request_to(url);
  if (!request && request.error().code == Code::refused_address) return;
  if (!request) return state.tell("a callback_url cannot be called: " + request.error().what);
  Result<http::Client*> client = state.outside->client();
  if (!client) return state.tell("callbacks cannot be made: " + client.error().what);
  request->method = "POST";
  request->headers = {{"Content-Type", "application/json"}};
  request->body = std::move(body);
  request->body_most = answer_most;
  request->timeouts = {.connect = time_out, .idle = time_out, .total = time_out};
  Call call{.request = *std::move(request), .client = *client, .times = times};
  state.add(std::move(call));
}

void Callbacks::stop() {
  state_->over = true;
  state_->queue.clear();
}

}  // namespace callsheet::local_gateway
