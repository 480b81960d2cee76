#pragma once

#include "orchestrator/run/signal.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace callsheet::run {

/// A value that comes later; whoever gives it may outlive the coroutine that waits. One thread.
template <class Value>
struct Answer {
  explicit Answer(boost::asio::any_io_executor const& executor) : arrived{executor} {}
  Signal arrived;
  std::optional<Value> value;

  void give(Value what) {
    value = std::move(what);
    arrived.notify();
  }
};

/// Comes back with the value once it was given.
template <class Value>
boost::asio::awaitable<Value> wait_for(std::shared_ptr<Answer<Value>> answer) {
  while (!answer->value) co_await answer->arrived.wait();
  co_return *std::move(answer->value);
}

}  // namespace callsheet::run
