#pragma once

#include "orchestrator/run/signal.hpp"

#include <deque>
#include <optional>
#include <utility>

namespace callsheet::run {

/// A queue with one reader that can wait for news or be interrupted, and loses nothing: the queue is consumed
/// only when the wait is over. One thread.
template <class Event>
class Mailbox {
 public:
  explicit Mailbox(boost::asio::any_io_executor const& executor) : wake_{executor} {}

  void post(Event event) {
    queue_.push_back(std::move(event));
    wake_.notify();
  }

  /// Ends the current wait, or the next one, without an event.
  void interrupt() {
    interrupted_ = true;
    wake_.notify();
  }

  /// The next event; empty after interrupt().
  boost::asio::awaitable<std::optional<Event>> wait() {
    while (queue_.empty()) {
      if (std::exchange(interrupted_, false)) co_return std::nullopt;
      co_await wake_.wait();
    }
    Event event = std::move(queue_.front());
    queue_.pop_front();
    co_return event;
  }

 private:
  Signal wake_;
  std::deque<Event> queue_;
  bool interrupted_ = false;
};

}  // namespace callsheet::run
