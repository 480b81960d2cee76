#include "orchestrator/run/ledger_writer.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::run {

namespace net = boost::asio;

LedgerWriter::LedgerWriter(net::any_io_executor executor, net::thread_pool& pool, ledger::Ledger& ledger,
                           RunId run, std::function<void(Error const&)> on_failure)
    : executor_{std::move(executor)},
      pool_{pool},
      ledger_{ledger},
      run_{std::move(run)},
      on_failure_{std::move(on_failure)},
      collecting_{std::make_shared<Batch>(executor_)} {}

net::awaitable<Result<ledger::Receipt>> LedgerWriter::write(ledger::Record record) {
  if (failure_) co_return fail(*failure_);
  std::shared_ptr<Batch> const batch = take_in(std::move(record));
  std::size_t const place = batch->records.size() - 1;
  while (!batch->outcome) co_await batch->wake.async_wait(net::as_tuple(net::use_awaitable));
  if (!*batch->outcome) co_return fail(batch->outcome->error());
  co_return (**batch->outcome)[place];
}

void LedgerWriter::post(ledger::Record record) {
  if (!failure_) take_in(std::move(record));
}

net::awaitable<bool> LedgerWriter::flush() {
  while (committing_ && !failure_) {
    std::shared_ptr<Batch> const batch = committing_;
    while (!batch->outcome) co_await batch->wake.async_wait(net::as_tuple(net::use_awaitable));
  }
  co_return !failure_;
}

std::shared_ptr<LedgerWriter::Batch> LedgerWriter::take_in(ledger::Record record) {
  std::shared_ptr<Batch> batch = collecting_;
  batch->records.push_back(std::move(record));
  if (!committing_) commit_next();
  return batch;
}

void LedgerWriter::commit_next() {
  // Started a turn later, so that records given in the same turn share the commit.
  committing_ = collecting_;
  net::post(executor_, [this] {
    collecting_ = std::make_shared<Batch>(executor_);
    net::post(pool_, [this, batch = committing_] {
      Result<std::vector<ledger::Receipt>> outcome = ledger_.commit(run_, batch->records);
      net::post(executor_, [this, batch, outcome = std::move(outcome)]() mutable {
        committed(batch, std::move(outcome));
      });
    });
  });
}

void LedgerWriter::committed(std::shared_ptr<Batch> const& batch,
                             Result<std::vector<ledger::Receipt>> outcome) {
  committing_ = nullptr;
  batch->outcome = std::move(outcome);
  if (!*batch->outcome && !failure_) {
    failure_ = batch->outcome->error();
    collecting_->outcome = fail(*failure_);
    collecting_->wake.cancel();
    on_failure_(*failure_);
  }
  batch->wake.cancel();
  if (!failure_ && !collecting_->records.empty()) commit_next();
}

}  // namespace callsheet::run
