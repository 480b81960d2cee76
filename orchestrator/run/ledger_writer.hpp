#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/run/alarm.hpp"
#include "orchestrator/run/signal.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace callsheet::run {

/// Group commit: records that arrive while a commit is under way, and in the breath after it, go together
/// into the next one, so that durability costs one disk flush for many tasks. All calls on the executor's
/// thread; the ledger is used on `ledger_executor`, one thing at a time. Records are committed in the order
/// they came.
///
/// A commit that fails is tried again for a while: what is in it may be the id of a paid task, and a full
/// disk can be mended. Intents in it are not: nothing has been sent for them, and nothing more should be.
class LedgerWriter {
 public:
  struct Watch {
    std::function<void(Error const&)> trouble;  ///< a commit failed; it is tried again
    std::function<void(Error const&)> lost;     ///< given up: what was not committed is lost. Called once
  };
  LedgerWriter(boost::asio::any_io_executor executor, boost::asio::any_io_executor ledger_executor,
               ledger::Ledger& ledger, RunId run, Clock const& clock, MakeAlarm const& make_alarm,
               Watch watch);

  /// Comes back when the record is durable, or refused. Fails when it never will be.
  boost::asio::awaitable<Result<ledger::Receipt>> write(ledger::Record record);

  /// Of a record nobody waits for yet. Counts up.
  using Ticket = std::uint64_t;
  Ticket post(ledger::Record record);
  /// Comes back when everything up to that ticket is durable. False: it never will be.
  boost::asio::awaitable<bool> durable(Ticket ticket);
  /// The same for everything given so far.
  boost::asio::awaitable<bool> flush();

 private:
  struct Waiter {
    explicit Waiter(boost::asio::any_io_executor const& executor) : signal{executor} {}
    Signal signal;
    std::optional<Result<ledger::Receipt>> outcome;
  };
  struct Given {
    ledger::Record record;
    std::shared_ptr<Waiter> waiter;  ///< null: nobody waits
    Ticket ticket;
  };

  Ticket take_in(ledger::Record record, std::shared_ptr<Waiter> waiter);
  void commit_next();
  void committed(std::vector<Given> batch, Result<std::vector<ledger::Receipt>> outcome);
  void failed(std::vector<Given> batch, Error const& error);
  static void refuse_intents(std::vector<Given>& records, Error const& error);
  void give_up();

  boost::asio::any_io_executor executor_;
  boost::asio::any_io_executor ledger_executor_;
  ledger::Ledger& ledger_;
  RunId run_;
  Clock const& clock_;
  Watch watch_;
  std::unique_ptr<Alarm> alarm_;
  Signal progress_;
  std::vector<Given> collecting_;
  bool committing_ = false;
  bool waiting_ = false;  ///< the next commit waits for the alarm
  TimePoint not_before_{};
  Ticket given_ = 0;
  Ticket durable_ = 0;  ///< everything up to here is
  int failures_ = 0;    ///< in a row
  std::optional<Error> trouble_;
  bool lost_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace callsheet::run
