#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace callsheet::run {

/// Group commit: records that arrive while a commit is under way go together into the next one, so that
/// durability costs one disk flush for many tasks. All calls on the executor's thread; the ledger is used on
/// `pool`'s only thread. Records are committed in the order they came.
class LedgerWriter {
 public:
  /// `on_failure` is called once, on the executor's thread, when a commit fails; after that every write
  /// fails.
  LedgerWriter(boost::asio::any_io_executor executor, boost::asio::thread_pool& pool, ledger::Ledger& ledger,
               RunId run, std::function<void(Error const&)> on_failure);

  /// Comes back when the record is durable, or refused.
  boost::asio::awaitable<Result<ledger::Receipt>> write(ledger::Record record);
  /// For records nobody waits for; failures go to `on_failure`.
  void post(ledger::Record record);
  /// Waits until everything given so far is durable. False: something failed.
  boost::asio::awaitable<bool> flush();

 private:
  struct Batch {
    explicit Batch(boost::asio::any_io_executor const& executor)
        : wake{executor, boost::asio::steady_timer::time_point::max()} {}
    std::vector<ledger::Record> records;
    std::optional<Result<std::vector<ledger::Receipt>>> outcome;
    boost::asio::steady_timer wake;
  };

  std::shared_ptr<Batch> take_in(ledger::Record record);
  void commit_next();
  void committed(std::shared_ptr<Batch> const& batch, Result<std::vector<ledger::Receipt>> outcome);

  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& pool_;
  ledger::Ledger& ledger_;
  RunId run_;
  std::function<void(Error const&)> on_failure_;
  std::shared_ptr<Batch> collecting_;
  std::shared_ptr<Batch> committing_;
  std::optional<Error> failure_;
};

}  // namespace callsheet::run
