#pragma once

#include "orchestrator/run/signal.hpp"

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace callsheet::run {

/// Runs `work` where blocking is allowed and comes back, with its value, on the coroutine's own executor.
/// `work` must not throw. The work is always waited for, also when the coroutine is cancelled: it may use
/// what the caller owns.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work>> run_blocking(boost::asio::any_io_executor where,
                                                                Work work) {
  namespace net = boost::asio;
  using Value = std::invoke_result_t<Work>;
  struct State {
    explicit State(net::any_io_executor const& executor) : done{executor} {}
    Signal done;
    std::optional<Value> value;
  };
  co_await net::this_coro::throw_if_cancelled(false);
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  auto const executor = co_await net::this_coro::executor;
  auto const state = std::make_shared<State>(executor);
  net::post(where, [state, executor, work = std::move(work)]() mutable {
    net::post(executor, [state, value = work()]() mutable {
      state->value.emplace(std::move(value));
      state->done.notify();
    });
  });
  while (!state->value) co_await state->done.wait();
  // Both settings are of the whole coroutine thread, callers included: put them back as co_spawn made them.
  co_await net::this_coro::reset_cancellation_state(net::enable_terminal_cancellation());
  co_await net::this_coro::throw_if_cancelled(true);
  co_return std::move(*state->value);
}

}  // namespace callsheet::run
