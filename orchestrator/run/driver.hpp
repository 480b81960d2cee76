#pragma once

#include "orchestrator/engine/engine.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/run/alarm.hpp"
#include "orchestrator/run/blocking.hpp"
#include "orchestrator/run/clip_files.hpp"
#include "orchestrator/run/deliveries.hpp"
#include "orchestrator/run/ledger_writer.hpp"
#include "orchestrator/run/mailbox.hpp"
#include "orchestrator/run/observer.hpp"
#include "orchestrator/run/recovery.hpp"
#include "orchestrator/run/task_group.hpp"
#include "orchestrator/run/uploads.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

// run/ is where engine, ledger, gateway and clock meet. It decides nothing: it carries the engine's orders
// out, in the order that keeps what is paid for (hold and intent before the request, id before anything
// else), and brings back what happened.
namespace callsheet::run {

/// What a driver works with; all of it outlives the driver.
struct Edges {
  gateway::Gateway& gateway;
  ledger::Ledger& ledger;
  ClipFiles& files;
  boost::asio::any_io_executor ledger_executor;  ///< one thing at a time; blocking is allowed there
  boost::asio::any_io_executor file_executor;    ///< blocking is allowed there, in so many threads:
  int file_threads = 1;
  Clock const& clock;
  MakeAlarm make_alarm;
  std::function<std::string()> random_token;  ///< what nobody can guess, for callback addresses
  Observer& observer;
};

/// Where the gateway can reach this run; empty: it is not asked to call.
struct CallbackAddress {
  std::string url;  ///< tokens are appended
};

enum class Ending {
  finished,   ///< every task ended or was left outstanding by the engine's decision
  breached,   ///< the same, after a threshold of the manifest had stopped the run
  abandoned,  ///< the user left without waiting; what is durable stays
};

/// Carries one run out. All on the executor's one thread.
class Driver {
 public:
  Driver(boost::asio::any_io_executor executor, Edges edges, RunState run, engine::Settings settings,
         CallbackAddress callbacks = {});

  /// Fails when the ledger fails for good: without it no money may move.
  boost::asio::awaitable<Result<Ending>> run();

  /// No new submissions; run() returns when what is under way has been brought home.
  void drain(std::string why);
  /// No new submissions until go_on(); what is under way is brought home. Without effect on what is drained.
  void pause();
  void go_on();
  /// run() returns as soon as it can.
  void abandon();
  /// How it stands, for display.
  [[nodiscard]] engine::Engine const& engine() const { return engine_; }
  /// A callback came in under `token`, naming `id`; both are hostile. Unknown tokens are forgotten.
  void called_back(std::string const& token, GatewayTaskId id);

 private:
  /// A task the engine knows of, and what the edges need for it.
  struct Live {
    LoadedTask task;
    gateway::CreateOrder order;     ///< of the latest attempt
    std::string token;              ///< of the latest attempt
    Credits held;                   ///< by the latest attempt
    std::optional<Quality> bought;  ///< by the latest attempt
    std::filesystem::path file;     ///< the clip, once it is home
  };

  boost::asio::awaitable<bool> begin();
  bool take_in(std::vector<ledger::TaskRecord> records, TimePoint now);

  boost::asio::awaitable<void> carry_out(engine::Action action);
  boost::asio::awaitable<void> load(engine::Load order);
  boost::asio::awaitable<void> prepare(engine::Prepare order);
  boost::asio::awaitable<void> submit(engine::Submit order);
  boost::asio::awaitable<void> replay(engine::Replay order);
  boost::asio::awaitable<void> send_create(AttemptKey attempt, gateway::CreateOrder order);
  boost::asio::awaitable<void> search(engine::Search order);
  boost::asio::awaitable<void> adopt(engine::Adopt order);
  boost::asio::awaitable<void> poll(engine::Poll order);
  boost::asio::awaitable<void> probe();
  boost::asio::awaitable<void> fetch(engine::Fetch order);
  boost::asio::awaitable<void> keep_element(engine::Fetch order);
  boost::asio::awaitable<void> remember_idempotency();

  /// The tasks that make what `request` refers to. Fails when the run has none that does.
  [[nodiscard]] Result<std::vector<TaskId>> needs_of(Request const& request) const;
  /// `request` with the ids of the elements it refers to; they are made.
  [[nodiscard]] Request with_ids(Request request) const;
  [[nodiscard]] bool is_ordered(gateway::TaskView const& view, engine::Adopt const& order) const;
  /// Orders that are only recorded: true when `action` was one.
  bool record(engine::Action const& action);
  void announce_money(Credits held, Credits billed, Credits refund_expected);
  void forget(TaskId id);
  void fail_run(Error const& error);
  void tell_what_stands_still(TimePoint now);
  void tell(News const& news) { edges_.observer.on(news, edges_.clock.now()); }

  [[nodiscard]] Live& live(TaskId id) { return live_.at(index(id)); }
  [[nodiscard]] TaskTitle title(TaskId id) const;

  boost::asio::any_io_executor executor_;
  Edges edges_;
  RunState run_;
  CallbackAddress callbacks_;
  engine::Engine engine_;
  Mailbox<engine::Event> mailbox_;
  std::unique_ptr<Alarm> alarm_;
  TaskGroup children_;
  BlockingPool books_;  ///< for what is read from the ledger
  BlockingPool desk_;   ///< for files
  LedgerWriter writer_;
  Uploads uploads_;
  Deliveries deliveries_;
  std::unordered_map<std::uint32_t, Live> live_;
  std::map<std::string, AttemptKey> tokens_;
  struct OwnElement {
    TaskId task{};
    std::string id;  ///< at the gateway; empty: not made yet
  };
  std::map<TaskIdentity, OwnElement> elements_;
  ledger::Balance balance_;
  std::optional<std::string> drain_;
  bool paused_ = false;
  std::optional<Error> failure_;
  bool abandoned_ = false;
  bool idempotency_told_ = false;
  std::optional<TimePoint> away_told_;  ///< since when the gateway is away, as was told
  bool doubts_told_ = false;
};

}  // namespace callsheet::run
