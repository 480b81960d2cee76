#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::run {

/// Wakes coroutines that wait for something to change. Whoever is woken looks for itself whether it has:
/// notify() without anybody waiting is forgotten. One thread. (A timer that never expires is Asio's condition
/// variable.)
class Signal {
 public:
  explicit Signal(boost::asio::any_io_executor const& executor)
      : timer_{executor, boost::asio::steady_timer::time_point::max()} {}

  void notify() { timer_.cancel(); }
  boost::asio::awaitable<void> wait() {
    co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace callsheet::run
