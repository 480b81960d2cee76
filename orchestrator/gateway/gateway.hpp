#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/reserved.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/gateway/input_file.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

// gateway/ speaks EvoLink's protocol (gateway-api.md): creates, reads, uploads, downloads. It knows no
// policy: it says what happened and how far it got, the engine decides.
namespace callsheet::gateway {

/// Public addresses that go with a request; empty where there are none.
struct Addresses {
  std::string start;                ///< of the first frame
  std::string end;                  ///< of the last frame
  std::vector<std::string> images;  ///< one for each of Request::images
  std::string video;
  std::string callback;  ///< where the gateway tells that the task has ended
};

/// A create request, ready to be sent any number of times with the same meaning.
struct CreateOrder {
  std::string body;
  std::string idempotency_key;
  Credits expected;  ///< the price, to tell the unit of `credits_reserved` (gateway-api.md section 6)
  Credits most;      ///< what is held: what exceeds it in no unit is no surprise
};

struct Created {
  GatewayTaskId id;
  Reserved reserved;
  std::optional<std::chrono::seconds> estimated_time;
};

/// Whether a create request that failed may have been taken: the question law 2 hangs on.
enum class Landed { no, unknown };
struct CreateFailure {
  Landed landed = Landed::unknown;
  Failure failure;
};

enum class TaskStatus { running, completed, failed };
struct TaskView {
  TaskStatus status = TaskStatus::running;
  std::optional<TimePoint> created;  ///< by the gateway's clock
  int percent = 0;
  std::vector<std::string> links;  ///< completed; foreign text
  std::string element;             ///< completed: the id of what was made, where that is an element
  Failure failure;                 ///< failed
  std::optional<Credits> charged;
  bool refund_seen = false;
};

struct Balance {
  Credits account;
  std::optional<Credits> key;  ///< empty: the key has no limit of its own
};

/// One entry of the account's task list.
struct ListedTask {
  GatewayTaskId id;
  ModelId model;
  TimePoint created;
  std::optional<std::chrono::seconds> duration;  ///< of the clip, where the list tells
};
struct TaskList {
  std::vector<ListedTask> tasks;  ///< newest first
  TimePoint since;                ///< nothing created from here on is missing
};

struct UploadedFile {
  std::string url;
  TimePoint expires;
};

struct Downloaded {
  std::uint64_t size_bytes = 0;
};

struct DownloadFailure {
  Failure failure;
  bool link_dead = false;  ///< the server no longer has it: only reading the task can give a new link
};

/// The gateway as the run sees it. All calls on the executor's one thread; several may be under way. Nothing
/// is retried here, but for the rest of a download that broke off.
class Gateway {
 public:
  virtual ~Gateway() = default;

  /// What the ledger and reports call it: separate accounts have separate names.
  [[nodiscard]] virtual std::string const& name() const = 0;

  /// The body of a create request.
  [[nodiscard]] virtual std::string encode(Request const& request, ModelId const& model,
                                           Addresses const& addresses) const = 0;

  [[nodiscard]] virtual boost::asio::awaitable<tl::expected<Created, CreateFailure>> create(
      CreateOrder order) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<tl::expected<TaskView, Failure>> query(GatewayTaskId id,
                                                                                      Credits expected) = 0;
  /// The account's tasks created since then, all models and keys (gateway-api.md section 3: not in the
  /// manual).
  [[nodiscard]] virtual boost::asio::awaitable<tl::expected<TaskList, Failure>> list(TimePoint since) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<Result<Balance>> balance() = 0;
  /// Nothing is paid for an upload: one that failed can be made again. `file` outlives the call.
  [[nodiscard]] virtual boost::asio::awaitable<tl::expected<UploadedFile, Failure>> upload(
      InputFile& file) = 0;
  /// Writes the clip to `to`, replacing what is there. The caller removes it after a failure.
  [[nodiscard]] virtual boost::asio::awaitable<tl::expected<Downloaded, DownloadFailure>> download(
      std::string link, std::filesystem::path to) = 0;

  /// Whether an answer has shown that the gateway honours idempotency keys.
  [[nodiscard]] virtual bool idempotency_seen() const = 0;
  /// How far the gateway's clock is ahead of ours, to a second or so; empty while no answer has told. Times
  /// it gives are by its own clock.
  [[nodiscard]] virtual std::optional<Duration> clock_ahead() const = 0;
};

}  // namespace callsheet::gateway
