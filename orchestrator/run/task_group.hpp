#pragma once

#include <exception>
#include <functional>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

namespace callsheet::run {

/// Owns child coroutines: none outlives the group's join(), and what one throws is kept for it. One thread.
class TaskGroup {
 public:
  /// `on_failure` is called when a child has thrown: whoever waits for what it should have brought need not
  /// wait on.
  TaskGroup(boost::asio::any_io_executor executor, std::function<void()> on_failure);

  void spawn(boost::asio::awaitable<void> child);
  /// Asks every child to end at its next wait, again and again until none is left: a child that waits for a
  /// thread of a pool cannot be told.
  boost::asio::awaitable<void> cancel_until_empty();
  /// Waits until no child is left, then rethrows the first exception a child ended with.
  boost::asio::awaitable<void> join();

 private:
  void cancel();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer emptied_;
  std::list<boost::asio::cancellation_signal> children_;
  std::function<void()> on_failure_;
  std::exception_ptr first_failure_;
};

}  // namespace callsheet::run
