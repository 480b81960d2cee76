#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/run_status.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callsheet::ledger {

// Records are what a run makes durable, in order. Each names what happened; the store books the money.

/// Hold `most` and remember the request that is about to leave: committed before its first byte does.
/// Refused, and nothing recorded, when a cap would be exceeded.
struct Intent {
  AttemptKey attempt;
  ModelId model;
  Quality quality = Quality::p720;
  Credits most;
  std::string idempotency_key;
  std::string request_body;  ///< what is sent, byte for byte: a replay must be the same
  TimePoint at;
};

/// The gateway took the task. The first thing that happens with an id.
struct IdReceived {
  AttemptKey attempt;
  GatewayTaskId id;
  TimePoint at;
};

struct Settled {
  AttemptKey attempt;
  Credits billed;
  TimePoint at;
};

struct Released {
  AttemptKey attempt;
  Failure failure;
  TimePoint at;
};

/// The gateway took the task and failed it.
struct FailureBooked {
  AttemptKey attempt;
  Failure failure;
  bool refund_seen = false;
  TimePoint at;
};

struct Doubted {
  AttemptKey attempt;
  Failure failure;
  TimePoint at;
};

/// A clip in place, as measured.
struct ClipRecord {
  std::string path;  ///< absolute
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};
  bool has_sound = false;
  friend bool operator==(ClipRecord const&, ClipRecord const&) = default;
};

struct ClipStored {
  TaskId task{};
  ClipRecord clip;
};

struct TaskEnded {
  TaskId task{};
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  TimePoint at;
};

struct RunEnded {
  RunStatus status = RunStatus::completed;
  TimePoint at;
};

using Record = std::variant<Intent, IdReceived, Settled, Released, FailureBooked, Doubted, ClipStored,
                            TaskEnded, RunEnded>;

/// What became of a record: everything but an Intent is always granted.
struct Receipt {
  bool granted = true;
  std::string why;  ///< of a refusal
};

/// Where money stands. Every movement goes from one account to another, so that a balance is a sum of
/// entries.
enum class Account { available, held, billed, refund_expected };

/// One line of the append-only journal.
struct Entry {
  TimePoint at;
  AttemptKey attempt;
  Account from = Account::available;
  Account to = Account::held;
  Credits amount;
  std::string reason;
};

}  // namespace callsheet::ledger
