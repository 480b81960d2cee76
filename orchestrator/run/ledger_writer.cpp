#include "orchestrator/run/ledger_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

constexpr Duration again_after = std::chrono::seconds{1};
/// A commit costs the same for one record as for fifty: on a quick disk it would be one each.
constexpr Duration breath = std::chrono::milliseconds{2};
constexpr int failures_most = 120;

}  // namespace

LedgerWriter::LedgerWriter(net::any_io_executor executor, net::any_io_executor ledger_executor,
                           ledger::Ledger& ledger, RunId run, Clock const& clock, MakeAlarm const& make_alarm,
                           Watch watch)
    : executor_{std::move(executor)},
      ledger_executor_{std::move(ledger_executor)},
      ledger_{ledger},
      run_{std::move(run)},
      clock_{clock},
      watch_{std::move(watch)},
      alarm_{make_alarm([this] {
        waiting_ = false;
        commit_next();
      })},
      progress_{executor_} {}

net::awaitable<Result<ledger::Receipt>> LedgerWriter::write(ledger::Record record) {
  if (lost_ || (trouble_ && std::holds_alternative<ledger::Intent>(record))) co_return fail(*trouble_);
  auto const waiter = std::make_shared<Waiter>(executor_);
  take_in(std::move(record), waiter);
  while (!waiter->outcome) co_await waiter->signal.wait();
  co_return *std::move(waiter->outcome);
}

LedgerWriter::Ticket LedgerWriter::post(ledger::Record record) {
  return take_in(std::move(record), nullptr);
}

net::awaitable<bool> LedgerWriter::durable(Ticket ticket) {
  while (durable_ < ticket && !lost_) co_await progress_.wait();
  co_return durable_ >= ticket;
}

net::awaitable<bool> LedgerWriter::flush() {
  co_return co_await durable(given_);
}

LedgerWriter::Ticket LedgerWriter::take_in(ledger::Record record, std::shared_ptr<Waiter> waiter) {
  Ticket const ticket = ++given_;
  if (lost_) return ticket;
  collecting_.push_back({std::move(record), std::move(waiter), ticket});
  if (committing_ || waiting_) return ticket;
  committing_ = true;
  // Started a turn later, so that records given in the same turn share the commit.
  net::post(executor_, [this, alive = std::weak_ptr{alive_}] {
    if (alive.expired()) return;
    committing_ = false;
    commit_next();
  });
  return ticket;
}

void LedgerWriter::commit_next() {
  if (committing_ || waiting_ || lost_ || collecting_.empty()) return;
  // A clock that was set back must not stop commits for an hour.
  if (Duration const left = not_before_ - clock_.now(); left > Duration{0} && left <= breath) {
    waiting_ = true;
    alarm_->set(not_before_);
    return;
  }
  committing_ = true;
  struct Batch {
    std::vector<Given> given;
    std::vector<ledger::Record> records;
  };
  auto batch = std::make_shared<Batch>();
  batch->given = std::exchange(collecting_, {});
  batch->records.reserve(batch->given.size());
  for (Given& one : batch->given) batch->records.push_back(std::move(one.record));
  net::post(ledger_executor_, [this, batch, executor = executor_, alive = std::weak_ptr{alive_},
                               &ledger = ledger_, run = run_] {
    auto outcome = std::make_shared<Result<std::vector<ledger::Receipt>>>(ledger.commit(run, batch->records));
    net::post(executor, [this, batch, outcome, alive] {
      if (alive.expired()) return;
      for (std::size_t i = 0; i < batch->given.size(); ++i)
        batch->given[i].record = std::move(batch->records[i]);
      committed(std::move(batch->given), std::move(*outcome));
    });
  });
}

void LedgerWriter::committed(std::vector<Given> batch, Result<std::vector<ledger::Receipt>> outcome) {
  committing_ = false;
  if (!outcome) return failed(std::move(batch), outcome.error());
  failures_ = 0;
  trouble_.reset();
  not_before_ = clock_.now() + breath;
  durable_ = collecting_.empty() ? given_ : collecting_.front().ticket - 1;
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (Waiter* const waiter = batch[i].waiter.get()) {
      waiter->outcome = std::move((*outcome)[i]);
      waiter->signal.notify();
    }
  progress_.notify();
  commit_next();
}

void LedgerWriter::failed(std::vector<Given> batch, Error const& error) {
  bool const first = !trouble_;
  trouble_ = error;
  refuse_intents(batch, error);
  refuse_intents(collecting_, error);
  batch.insert(batch.end(), std::make_move_iterator(collecting_.begin()),
               std::make_move_iterator(collecting_.end()));
  collecting_ = std::move(batch);
  if (collecting_.empty()) {
    durable_ = given_;
    progress_.notify();
  }
  if (++failures_ >= failures_most) return give_up();
  if (first) watch_.trouble(error);
  waiting_ = true;
  alarm_->set(clock_.now() + again_after);
}

/// Nothing left for them, so nothing is lost with them; and a hold that comes late would only be in the way.
void LedgerWriter::refuse_intents(std::vector<Given>& records, Error const& error) {
  for (Given& one : records) {
    if (!std::holds_alternative<ledger::Intent>(one.record)) continue;
    one.waiter->outcome = fail(error);
    one.waiter->signal.notify();
  }
  std::erase_if(records, [](Given const& one) { return std::holds_alternative<ledger::Intent>(one.record); });
}

void LedgerWriter::give_up() {
  lost_ = true;
  for (Given& one : collecting_)
    if (one.waiter) {
      one.waiter->outcome = fail(*trouble_);
      one.waiter->signal.notify();
    }
  collecting_.clear();
  progress_.notify();
  watch_.lost(*trouble_);
}

}  // namespace callsheet::run
