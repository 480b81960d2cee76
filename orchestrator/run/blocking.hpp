#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::run {

/// Runs `work` on the pool and comes back, with its value, on the coroutine's own executor. `work` must not
/// throw. The work is always waited for, also when the coroutine is cancelled: it may use what the caller
/// owns.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work>> run_blocking(boost::asio::thread_pool& pool, Work work) {
  namespace net = boost::asio;
  using Value = std::invoke_result_t<Work>;
  struct State {
    explicit State(net::any_io_executor const& executor)
        : done{executor, net::steady_timer::time_point::max()} {}
    net::steady_timer done;
    std::optional<Value> value;
  };
  co_await net::this_coro::throw_if_cancelled(false);
  co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
  auto const executor = co_await net::this_coro::executor;
  auto const state = std::make_shared<State>(executor);
  net::post(pool, [state, executor, work = std::move(work)]() mutable {
    net::post(executor, [state, value = work()]() mutable {
      state->value.emplace(std::move(value));
      state->done.cancel();
    });
  });
  while (!state->value) co_await state->done.async_wait(net::as_tuple(net::use_awaitable));
  // Both settings are of the whole coroutine thread, callers included: put them back as co_spawn made them.
  co_await net::this_coro::reset_cancellation_state(net::enable_terminal_cancellation());
  co_await net::this_coro::throw_if_cancelled(true);
  co_return std::move(*state->value);
}

}  // namespace callsheet::run
