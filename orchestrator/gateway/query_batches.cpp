#include "orchestrator/gateway/query_batches.hpp"

#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::gateway {

namespace net = boost::asio;

namespace {

Failure not_read(char const* why) {
  return {.kind = FailureKind::temporary, .message = why};
}

}  // namespace

struct QueryBatches::Batch {
  Batch(net::any_io_executor const& executor, std::chrono::milliseconds moment)
      : leaves{executor, moment}, answered{executor, net::steady_timer::time_point::max()} {}

  std::vector<AskedTask> asked;
  std::vector<std::optional<Answer>> answers;
  net::steady_timer leaves;    ///< cancelled when it is full
  net::steady_timer answered;  ///< never expires; cancelled when there are answers
  bool over = false;
};

net::awaitable<QueryBatches::Answer> QueryBatches::query(AskedTask task) {
  if (terms_.most < 2 || offered_ == Offered::no || alone_.contains(task.id))
    co_return co_await requests_.one(std::move(task));
  auto const executor = co_await net::this_coro::executor;
  bool const first = !open_;
  if (first) open_ = std::make_shared<Batch>(executor, terms_.moment);
  std::shared_ptr<Batch> const batch = open_;
  std::size_t const place = batch->asked.size();
  batch->asked.push_back(std::move(task));
  batch->answers.emplace_back();
  if (batch->asked.size() == terms_.most) {
    open_.reset();
    batch->leaves.cancel();
  }
  if (first) co_await ask(batch);
  while (!batch->over) co_await batch->answered.async_wait(net::as_tuple(net::use_awaitable));
  if (batch->answers[place]) co_return *std::move(batch->answers[place]);
  co_return tl::unexpected<Failure>{not_read("the tasks could not be read together")};
}

net::awaitable<void> QueryBatches::ask(std::shared_ptr<Batch> batch) {
  // However this ends, nobody is left waiting: the coroutine of the first may be cancelled.
  struct Ending {
    QueryBatches& all;
    Batch& batch;
    ~Ending() {
      if (all.open_.get() == &batch) all.open_.reset();
      batch.over = true;
      batch.answered.cancel();
    }
  } const ending{*this, *batch};
  co_await batch->leaves.async_wait(net::as_tuple(net::use_awaitable));
  if (open_ == batch) open_.reset();
  if (batch->asked.size() == 1) {
    AskedTask only = batch->asked[0];
    batch->answers[0] = co_await requests_.one(std::move(only));
    co_return;
  }
  std::vector<AskedTask> asked = batch->asked;
  BatchAnswer answer = co_await requests_.several(std::move(asked));
  if (!answer && answer.error().offered == Offered::no) offered_ = Offered::no;
  for (std::size_t i = 0; i < batch->asked.size(); ++i) {
    if (!answer) {
      batch->answers[i] = tl::unexpected<Failure>{answer.error().failure};
    } else if ((*answer)[i]) {
      batch->answers[i] = *std::move((*answer)[i]);
    } else {
      alone_.insert(batch->asked[i].id);
      batch->answers[i] =
          tl::unexpected<Failure>{not_read("the gateway's answer for several tasks leaves this one out")};
    }
  }
}

}  // namespace callsheet::gateway
