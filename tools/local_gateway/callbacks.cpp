#include "tools/local_gateway/callbacks.hpp"

#include "orchestrator/http/client.hpp"
#include "tools/local_gateway/public_url.hpp"

#include <deque>
#include <exception>
#include <unordered_set>

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
constexpr std::size_t at_once = 256;

struct Call {
  http::Url url;
  std::string body;
  int times = 1;
};

}  // namespace

struct Callbacks::State : std::enable_shared_from_this<State> {
  State(net::any_io_executor on, Settings with) : executor{std::move(on)}, settings{std::move(with)} {}

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
      http::Request request;
      request.method = "POST";
      request.url = call.url;
      request.headers = {{"Content-Type", "application/json"}};
      request.body = call.body;
      request.timeouts = {.connect = time_out, .idle = time_out, .total = time_out};
      // Names are looked up only now: they may have come to lead somewhere else.
      if (self->settings.targets == CallbackTargets::public_https)
        request.addresses = http::Addresses::public_only;
      auto const answer = co_await self->client->send(std::move(request));
      bool const heard = answer && answer->status >= 200 && answer->status < 300;
      if (heard || retry == retries) co_return;
      co_await self->pause(wait);
    }
  }

  /// Ends early when the gateway is stopped.
  net::awaitable<void> pause(std::chrono::milliseconds length) {
    if (over) co_return;
    net::steady_timer timer{executor, length};
    pausing.insert(&timer);
    co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    pausing.erase(&timer);
  }

  net::any_io_executor executor;
  Settings settings;
  std::unique_ptr<http::Client>
      client;  ///< made for the first call: trusted certificates take a while to read
  std::deque<Call> queue;
  std::size_t under_way = 0;
  std::unordered_set<net::steady_timer*> pausing;
  bool over = false;
};

Callbacks::Callbacks(net::any_io_executor executor, Settings settings)
    : state_{std::make_shared<State>(std::move(executor), std::move(settings))} {}

Callbacks::~Callbacks() {
  stop();
}

void Callbacks::call(std::string_view url, std::string body, int times) {
  State& state = *state_;
  if (state.over) return;
  if (state.settings.targets == CallbackTargets::this_machine && !path_on_this_machine(url)) return;
  Result<http::Url> target = http::parse_url(url);
  if (!target) return state.tell("a callback_url cannot be called: " + target.error().what);
  if (!state.client) {
    auto client = http::make_client();
    if (!client) return state.tell("callbacks cannot be made: " + client.error().what);
    state.client = *std::move(client);
  }
  Call call{.url = *std::move(target), .body = std::move(body), .times = times};
  state.add(std::move(call));
}

void Callbacks::stop() {
  state_->over = true;
  state_->queue.clear();
  for (net::steady_timer* const timer : state_->pausing) timer->cancel();
}

}  // namespace callsheet::local_gateway
