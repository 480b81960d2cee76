#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::run {

/// Work that blocks, done by the threads of a pool. What comes while all of them are busy goes over together:
/// a hop between threads costs more than most of the work, and so it serves many. One thread, but for the
/// work itself.
class BlockingPool {
 public:
  /// `threads`: of the pool behind `where`.
  BlockingPool(boost::asio::any_io_executor home, boost::asio::any_io_executor where, int threads)
      : crew_{std::make_shared<Crew>(std::move(home), std::move(where), threads)} {}

  /// Runs `work` and comes back with its value. `work` must not throw. It is always waited for, also when the
  /// coroutine is cancelled: it may use what the caller owns.
  template <class Work>
  boost::asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    namespace net = boost::asio;
    using Value = std::invoke_result_t<Work>;
    co_await net::this_coro::throw_if_cancelled(false);
    co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
    std::optional<Value> value;
    auto const start = [this, &work, &value](auto handler) {
      using Handler = decltype(handler);
      crew_->take(std::make_unique<JobOf<Work, Handler>>(work, value, std::move(handler)));
    };
    co_await net::async_initiate<net::use_awaitable_t<> const, void()>(start, net::use_awaitable);
    // Both settings are of the whole coroutine thread, callers included: put them back as co_spawn made them.
    co_await net::this_coro::reset_cancellation_state(net::enable_terminal_cancellation());
    co_await net::this_coro::throw_if_cancelled(true);
    co_return *std::move(value);
  }

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void work() = 0;  ///< on a thread of the pool
    virtual void done() = 0;  ///< at home
  };
  using Batch = std::vector<std::unique_ptr<Job>>;

  /// What it works on and gives is in the frame of the coroutine that waits.
  template <class Work, class Handler>
  struct JobOf final : Job {
    JobOf(Work& work, std::optional<std::invoke_result_t<Work>>& value, Handler handler)
        : work_{work}, value_{value}, handler_{std::move(handler)} {}
    void work() override { value_.emplace(work_()); }
    void done() override { std::move(handler_)(); }
    Work& work_;
    std::optional<std::invoke_result_t<Work>>& value_;
    Handler handler_;
  };

  struct Crew : std::enable_shared_from_this<Crew> {
    Crew(boost::asio::any_io_executor at, boost::asio::any_io_executor pool, int threads)
        : home{std::move(at)}, where{std::move(pool)}, free{threads} {}

    void take(std::unique_ptr<Job> job) {
      waiting.push_back(std::move(job));
      set_off();
    }
    void set_off() {
      if (free == 0 || waiting.empty()) return;
      --free;
      auto batch = std::make_shared<Batch>(std::exchange(waiting, {}));
      boost::asio::post(where, [self = shared_from_this(), batch] {
        for (std::unique_ptr<Job> const& job : *batch) job->work();
        boost::asio::post(self->home, [self, batch] {
          ++self->free;
          self->set_off();
          for (std::unique_ptr<Job> const& job : *batch) job->done();
        });
      });
    }

    boost::asio::any_io_executor home;
    boost::asio::any_io_executor where;
    int free;
    Batch waiting;
  };

  std::shared_ptr<Crew> crew_;
};

}  // namespace callsheet::run
