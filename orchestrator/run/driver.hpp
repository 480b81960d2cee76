#pragma once

#include "orchestrator/engine/engine.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"
#include "orchestrator/run/ledger_writer.hpp"
#include "orchestrator/run/mailbox.hpp"
#include "orchestrator/run/observer.hpp"
#include "orchestrator/run/task_group.hpp"
#include "orchestrator/run/uploads.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

// run/ is where engine, ledger, gateway and clock meet. It decides nothing: it carries the engine's orders
// out and brings back what happened.
namespace callsheet::run {

/// What a driver works with; all of it outlives the driver.
struct Edges {
  gateway::Gateway& gateway;
  ledger::Ledger& ledger;
  boost::asio::thread_pool& ledger_pool;  ///< one thread
  boost::asio::thread_pool& file_pool;
  Clock const& clock;
  Observer& observer;
};

/// What the ledger already knows of the run: for `resume`, and nothing at a first start.
struct Past {
  std::vector<TaskOutcome> outcomes;  ///< by TaskId
  std::vector<ledger::AttemptRecord> attempts;
  std::map<TaskId, ledger::ClipRecord> clips;
};

enum class Ending {
  finished,   ///< every task ended or was left outstanding by the engine's decision
  abandoned,  ///< the user left without waiting; what is durable stays
};

/// Carries one run out. All on the executor's one thread.
class Driver {
 public:
  Driver(boost::asio::any_io_executor executor, Edges edges, RunId run, plan::Plan const& plan, Past past,
         engine::Settings settings);

  /// Fails when the ledger fails: without it no money may move.
  boost::asio::awaitable<Result<Ending>> run();

  /// No new submissions; run() returns when what is under way has been brought home.
  void drain(std::string why);
  /// run() returns as soon as it can.
  void abandon();

 private:
  void add_tasks();
  [[nodiscard]] std::vector<engine::PastAttempt> past_attempts_of(TaskId id) const;

  boost::asio::awaitable<void> carry_out(engine::Action action);
  boost::asio::awaitable<void> prepare(engine::Prepare order);
  boost::asio::awaitable<void> submit(engine::Submit order);
  boost::asio::awaitable<void> replay(engine::Replay order);
  boost::asio::awaitable<void> send_create(AttemptKey attempt, gateway::CreateOrder order);
  boost::asio::awaitable<void> poll(engine::Poll order);
  boost::asio::awaitable<void> fetch(engine::Fetch order);
  boost::asio::awaitable<Result<void>> bring_home(AttemptKey attempt, std::filesystem::path partial);
  boost::asio::awaitable<void> remember_idempotency();

  /// Orders that are only recorded: true when `action` was one.
  bool record(engine::Action const& action);
  void announce_money(Credits held, Credits billed, Credits refund_expected);
  void fail_run(Error const& error);
  void tell(News const& news) { edges_.observer.on(news, edges_.clock.now()); }

  struct Live {
    gateway::CreateOrder order;
    Credits held;
  };

  [[nodiscard]] plan::PlannedTask const& task(TaskId id) const { return plan_.tasks[index(id)]; }

  boost::asio::any_io_executor executor_;
  Edges edges_;
  RunId run_;
  plan::Plan const& plan_;
  Past past_;
  engine::Engine engine_;
  Mailbox<engine::Event> mailbox_;
  TaskGroup children_;
  LedgerWriter writer_;
  Uploads uploads_;
  std::map<AttemptKey, Live> live_;
  Credits held_, billed_, refund_expected_;
  std::optional<Error> failure_;
  bool abandoned_ = false;
  bool idempotency_told_ = false;
};

}  // namespace callsheet::run
