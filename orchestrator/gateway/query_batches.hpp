#pragma once

#include "orchestrator/gateway/codec.hpp"
#include "orchestrator/gateway/gateway.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace callsheet::gateway {

/// Queries of tasks that come within a moment, made as one request where the gateway takes several. There are
/// never more requests than queries, so that whoever keeps queries within a limit keeps requests within it: a
/// task that a batch leaves out is told as a failure, and asked for by itself when it is queried again; a
/// gateway that turns out to take no batches is asked one by one from then on. One thread.
class QueryBatches {
 public:
  using Answer = tl::expected<TaskView, Failure>;
  struct Terms {
    std::size_t most = 0;  ///< tasks a request may ask for; below 2: one by one
    std::chrono::milliseconds moment{0};
  };
  enum class Offered { yes, no };
  struct Refusal {
    Offered offered = Offered::yes;  ///< batches at all
    Failure failure;
  };
  /// One for each task asked for, in their order; empty: it was left out.
  using BatchAnswer = tl::expected<std::vector<std::optional<TaskView>>, Refusal>;
  struct Requests {
    std::function<boost::asio::awaitable<Answer>(AskedTask)> one;
    std::function<boost::asio::awaitable<BatchAnswer>(std::vector<AskedTask>)> several;
  };

  QueryBatches(Terms terms, Requests requests) : terms_{terms}, requests_{std::move(requests)} {}

  boost::asio::awaitable<Answer> query(AskedTask task);

 private:
  struct Batch;

  /// Waits for others to come, and asks for all of them.
  boost::asio::awaitable<void> ask(std::shared_ptr<Batch> batch);

  Terms terms_;
  Requests requests_;
  std::shared_ptr<Batch> open_;     ///< that others may still join
  std::set<GatewayTaskId> alone_;   ///< what a batch has left out
  Offered offered_ = Offered::yes;  ///< as far as the gateway has told
};

}  // namespace callsheet::gateway
