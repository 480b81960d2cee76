#include "tools/local_gateway/fetcher.hpp"

#include <exception>
#include <optional>
#include <unordered_set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace net = boost::asio;

namespace {

constexpr std::chrono::seconds patience{60};

}  // namespace

/// One who waits for a file; its timer never ends by itself.
struct Fetcher::Waiting {
  explicit Waiting(net::any_io_executor const& executor)
      : arrived{executor, net::steady_timer::time_point::max()} {}
  net::steady_timer arrived;
  std::optional<Result<std::string>> outcome;
};

struct Fetcher::State {
  net::any_io_executor executor;
  std::shared_ptr<Outside> outside;
  std::uint64_t bytes_max = 0;
  std::unordered_set<Waiting*> waiting{};
  bool over = false;

  static net::awaitable<Result<std::string>> fetch(std::shared_ptr<State> self, std::string url) {
    Result<http::Request> request = self->outside->request_to(url);
    if (!request) co_return fail(request.error());
    Result<http::Client*> client = self->outside->client();
    if (!client) co_return fail(client.error());
    request->timeouts.total = patience;
    request->body_most = self->bytes_max;
    auto answer = co_await (*client)->send(*std::move(request));
    if (!answer) co_return fail(answer.error().error);
    if (answer->status != 200)
      co_return fail(Code::bad_answer, fmt::format("it was answered with {}", answer->status));
    co_return std::move(answer->body);
  }

  static net::awaitable<void> fetch_for(std::shared_ptr<State> self, std::shared_ptr<Waiting> who,
                                        std::string url) {
    Result<std::string> outcome = co_await fetch(std::move(self), std::move(url));
    who->outcome.emplace(std::move(outcome));
    who->arrived.cancel();
  }
};

Fetcher::Fetcher(net::any_io_executor executor, std::shared_ptr<Outside> outside, std::uint64_t bytes_max)
    : state_{std::make_shared<State>()} {
  state_->executor = std::move(executor);
  state_->outside = std::move(outside);
  state_->bytes_max = bytes_max;
}

Fetcher::~Fetcher() {
  stop();
}

net::awaitable<Result<std::string>> Fetcher::get(std::string url) {
  // The fetch goes its own way: what waits for it can leave, a request that hangs cannot.
  std::shared_ptr<State> const state = state_;
  auto const who = std::make_shared<Waiting>(state->executor);
  net::co_spawn(state->executor, State::fetch_for(state, who, std::move(url)),
                [who](std::exception_ptr const& thrown) {
                  if (thrown) who->outcome.emplace(fail(Code::bad_answer, "the fetch failed"));
                  who->arrived.cancel();
                });
  state->waiting.insert(who.get());
  while (!who->outcome && !state->over) co_await who->arrived.async_wait(net::as_tuple(net::use_awaitable));
  state->waiting.erase(who.get());
  if (!who->outcome) co_return fail(Code::unreachable, "the gateway stops");
  co_return *std::move(who->outcome);
}

void Fetcher::stop() {
  state_->over = true;
  for (Waiting* const who : state_->waiting) who->arrived.cancel();
}

}  // namespace callsheet::local_gateway
