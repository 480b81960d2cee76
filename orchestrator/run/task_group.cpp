#include "orchestrator/run/task_group.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

bool is_cancellation(std::exception_ptr const& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (boost::system::system_error const& e) {
    return e.code() == net::error::operation_aborted;
  } catch (std::exception const&) {
    return false;
  }
}

}  // namespace

TaskGroup::TaskGroup(net::any_io_executor executor, std::function<void()> on_failure)
    : executor_{std::move(executor)},
      emptied_{executor_, net::steady_timer::time_point::max()},
      on_failure_{std::move(on_failure)} {}

void TaskGroup::spawn(net::awaitable<void> child) {
  auto const entry = children_.emplace(children_.end());
  net::co_spawn(executor_, std::move(child),
                net::bind_cancellation_slot(entry->slot(), [this, entry](std::exception_ptr const& failure) {
                  children_.erase(entry);
                  if (failure && !first_failure_ && !is_cancellation(failure)) {
                    first_failure_ = failure;
                    on_failure_();
                  }
                  if (children_.empty()) emptied_.cancel();
                }));
}

void TaskGroup::cancel() {
  // A child may end, and leave the list, while its signal is being emitted: look at the next one first.
  for (auto child = children_.begin(); child != children_.end();)
    (child++)->emit(net::cancellation_type::terminal);
}

net::awaitable<void> TaskGroup::cancel_until_empty() {
  constexpr std::chrono::milliseconds again{50};
  while (!children_.empty()) {
    cancel();
    emptied_.expires_after(again);
    co_await emptied_.async_wait(net::as_tuple(net::use_awaitable));
  }
  emptied_.expires_at(net::steady_timer::time_point::max());
}

net::awaitable<void> TaskGroup::join() {
  while (!children_.empty()) co_await emptied_.async_wait(net::as_tuple(net::use_awaitable));
  if (first_failure_) std::rethrow_exception(std::exchange(first_failure_, nullptr));
}

}  // namespace callsheet::run
