#pragma once

#include "orchestrator/run/signal.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace callsheet::run {

/// Comes back when `state->done` says so; whoever sets it may outlive the coroutine.
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

template <class Value>
boost::asio::awaitable<Value> wait_for(std::shared_ptr<Answer<Value>> answer) {
  while (!answer->value) co_await answer->arrived.wait();
  co_return *std::move(answer->value);
}

}  // namespace callsheet::run
