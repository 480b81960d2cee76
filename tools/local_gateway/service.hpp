#pragma once

#include "tools/local_gateway/account.hpp"
#include "tools/local_gateway/fault_draw.hpp"
#include "tools/local_gateway/journal.hpp"
#include "tools/local_gateway/rate_limit.hpp"
#include "tools/local_gateway/records.hpp"
#include "tools/local_gateway/refusal.hpp"
#include "tools/local_gateway/studio.hpp"
#include "tools/local_gateway/task_store.hpp"
#include "tools/local_gateway/uploads.hpp"

#include <functional>
#include <queue>
#include <unordered_map>

#include <boost/asio/steady_timer.hpp>

namespace callsheet::local_gateway {

/// What the gateway does, apart from HTTP: takes orders, keeps the account, has clips made, ends tasks in
/// their time. Belongs to the gateway's thread.
class Service {
 public:
  Service(boost::asio::any_io_executor executor, Options const& options, Clock const& clock, Journal journal,
          std::filesystem::path state_dir);

  /// Brings back what the journal tells and has unfinished tasks rendered again.
  [[nodiscard]] Result<void> restore();

  struct CreateRequest {
    std::string key;              ///< the bearer, for the rate limit
    std::string idempotency_key;  ///< empty: none sent
    std::string_view body;
    bool ignore_idempotency = false;  ///< a fault: the key is kept for the bill, and not looked at
  };
  struct Receipt {
    Task const* task = nullptr;
    bool replayed = false;  ///< an earlier task, by its idempotency key
  };
  struct Turned {
    Refusal refusal;
    std::optional<Duration> retry_after = {};
  };
  /// Durable before it returns.
  [[nodiscard]] tl::expected<Receipt, Turned> create(CreateRequest const& request);
  /// Durable before it returns. Fails as Uploads::store, and with Code::usage beyond the quota.
  [[nodiscard]] Result<Upload> upload(Uploads::Incoming const& incoming);

  /// Told of each task that has ended and is billed. To be said before restore().
  void tell_ends_to(std::function<void(Task const& task)> listener) { on_end_ = std::move(listener); }

  [[nodiscard]] FaultDraw& faults() { return draw_; }
  /// A fault struck what has to do with that task.
  void blame(std::string_view id, Fault fault);

  [[nodiscard]] Task const* find(std::string_view id) { return tasks_.find(id); }
  [[nodiscard]] TaskPage list(TaskFilter const& filter) const { return tasks_.list(filter); }
  [[nodiscard]] Account const& account() const { return account_; }
  [[nodiscard]] Uploads const& uploads() const { return uploads_; }
  [[nodiscard]] TimePoint now() const { return clock_.now(); }
  [[nodiscard]] Bill bill() const;
  /// The clip of a completed task, and a note that it was fetched.
  [[nodiscard]] std::optional<Clip> deliver(std::string_view id);
  /// Kills children, joins threads.
  void stop() { studio_.stop(); }

  static constexpr std::size_t uploads_max = 2000;  ///< gateway-api.md section 9

 private:
  struct Due {
    TimePoint at;
    Task* task;
    bool operator<(Due const& other) const { return at > other.at; }  // the earliest on top
  };

  void apply(Opened const& record) { account_ = Account{record.balance}; }
  void apply(Upload const& record) { uploads_.add(record); }
  void apply(Created const& record);
  void apply(Ended const& record);
  void apply(Delivered const& record);

  [[nodiscard]] tl::expected<Task, Turned> price_and_check(Order order, CreateRequest const& request);
  /// The upload a URL names; null when it points elsewhere.
  [[nodiscard]] tl::expected<Upload const*, Refusal> upload_behind(std::string const& url,
                                                                   char const* param) const;
  /// The id of the picture a URL names; empty when it points elsewhere.
  [[nodiscard]] tl::expected<std::string, Refusal> picture(std::string const& url, char const* param,
                                                           ModelRules const& rules) const;
  [[nodiscard]] std::optional<Refusal> resolve_pictures(Task& task, ModelRules const& rules) const;
  /// Also what only the video tells: how long the clip is, and whether it has sound.
  [[nodiscard]] std::optional<Refusal> resolve_video(Task& task, ModelRules const& rules) const;
  /// Why the elements an order names cannot be shown: they were not made here, or not of what the model
  /// takes.
  [[nodiscard]] std::optional<Refusal> check_elements(Order const& order, ModelRules const& rules) const;
  [[nodiscard]] Duration latency_of(Order const& order, std::string const& task_id) const;
  [[nodiscard]] std::string new_task_id();
  /// Files it, its fate drawn.
  Task& keep(Task task);
  [[nodiscard]] bool doomed(Task const& task) const;
  [[nodiscard]] Shoot shoot_of(Task const& task) const;
  [[nodiscard]] std::optional<StillImage> still(std::string const& upload_id) const;
  void begin(Task& task);
  void rendered(Task& task, Result<void> const& outcome);
  void end_when_due(Task& task);
  void end(Task& task, TaskState state);
  void arm();
  void note(Result<void> const& outcome) const;

  Options const& options_;
  Clock const& clock_;
  Journal journal_;
  Account account_;
  TaskStore tasks_;
  Uploads uploads_;
  RateLimit rate_limit_;
  FaultDraw draw_;
  std::uint64_t created_count_ = 0;
  std::priority_queue<Due> due_;
  boost::asio::steady_timer waker_;
  Studio studio_;
  std::function<void(Task const& task)> on_end_;
};

}  // namespace callsheet::local_gateway
