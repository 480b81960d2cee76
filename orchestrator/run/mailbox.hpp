#pragma once

#include "orchestrator/core/time.hpp"

#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::run {

/// A queue with one reader that can wait for news or for a time, whichever comes first, and loses nothing:
/// the queue is consumed only when the wait is over. One thread.
template <class Event>
class Mailbox {
 public:
  Mailbox(boost::asio::any_io_executor const& executor, Clock const& clock)
      : clock_{clock}, wake_{executor} {}

  void post(Event event) {
    queue_.push_back(std::move(event));
    wake_.cancel();
  }

  /// Ends the current wait, or the next one, without an event.
  void interrupt() {
    interrupted_ = true;
    wake_.cancel();
  }

  /// The next event; empty at `deadline` or after interrupt().
  boost::asio::awaitable<std::optional<Event>> wait(std::optional<TimePoint> deadline) {
    while (queue_.empty()) {
      if (std::exchange(interrupted_, false)) co_return std::nullopt;
      if (deadline) {
        Duration const left = *deadline - clock_.now();
        if (left <= Duration{}) co_return std::nullopt;
        wake_.expires_after(left);
      } else {
        wake_.expires_at(boost::asio::steady_timer::time_point::max());
      }
      co_await wake_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    Event event = std::move(queue_.front());
    queue_.pop_front();
    co_return event;
  }

 private:
  Clock const& clock_;
  boost::asio::steady_timer wake_;
  std::deque<Event> queue_;
  bool interrupted_ = false;
};

}  // namespace callsheet::run
