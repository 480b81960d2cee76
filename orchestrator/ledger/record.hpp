#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/run_status.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callsheet::ledger {

// Records are what a run makes durable, in order. Each names what happened; book.hpp says what it means for
// the money.

/// Hold `most` and remember the request that is about to leave: committed before its first byte does.
/// Refused, and nothing recorded, when a cap would be exceeded, or another run at the gateway has what the
/// task asks for: it has money out for it, or has made it and booked that after `known_until`.
struct Intent {
  AttemptKey attempt;
  ModelId model;
  Quality quality = Quality::p720;
  Credits most;
  GroupSet groups;
  std::string idempotency_key;
  std::string callback_token;  ///< names the attempt in its callback address; empty: none was asked for
  std::string request_body;    ///< what is sent, byte for byte: a replay must be the same
  std::string why;             ///< why this candidate, where it is not simply the first by price
  std::string waited;          ///< what it waited for before it was submitted; empty: nothing
  /// The ledger's position when it was looked what other runs had made: that is bought anew on purpose. By
  /// the order of entries, since a commit may wait long after its time was taken.
  std::int64_t known_until = 0;
  std::optional<Duration>
      gateway_ahead;  ///< how far the gateway's clock was ahead of ours, where that was known
  TimePoint at;
};

/// The gateway took the task. The first thing that happens with an id. One that was found (not answered by
/// the create request) is refused when another attempt at the same gateway has it.
enum class IdSource { answer, found };
struct IdReceived {
  AttemptKey attempt;
  GatewayTaskId id;
  TimePoint at;
  IdSource source = IdSource::answer;
};

/// The gateway has reserved more than was held: a fact, whatever the caps say.
struct HoldRaised {
  AttemptKey attempt;
  Credits to;
  TimePoint at;
};

struct Settled {
  AttemptKey attempt;
  Credits billed;
  BilledBy by = BilledBy::request;
  TimePoint at;
};

/// Certainly not taken by the gateway. `then`: what was done about it.
struct Released {
  AttemptKey attempt;
  Failure failure;
  std::string then;
  TimePoint at;
};

/// The gateway took the task and failed it. `charged`: what it says it billed all the same, for good.
struct FailureBooked {
  AttemptKey attempt;
  Failure failure;
  bool refund_seen = false;
  std::optional<Credits> charged{};
  std::string then;
  TimePoint at;
};

struct Doubted {
  AttemptKey attempt;
  Failure failure;
  TimePoint at;
};

/// Evidence about the money of a failed attempt: it came back, or it was billed for good. `how`: what the
/// evidence is.
enum class RefundFate { came, denied };
struct RefundSettled {
  AttemptKey attempt;
  RefundFate fate = RefundFate::came;
  std::string how;
  TimePoint at;
};

/// An attempt in doubt was billed, and nobody knows its task id: the money is gone.
struct WrittenOff {
  AttemptKey attempt;
  std::string how;
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
  ContentDigest sha256 = {};  ///< empty: recorded by a version that did not keep it
  friend bool operator==(ClipRecord const&, ClipRecord const&) = default;
};

/// The clip's place, before the file appears there: what stands there is then known to be this clip.
struct ClipStored {
  TaskId task{};
  ClipRecord clip;
};

/// A task has made an element: its id at the gateway, kept before anything refers to it.
struct ElementMade {
  TaskId task{};
  std::string id;
};

/// What bought a clip or an element.
struct Origin {
  RunId run;
  ModelId model;
  Quality quality = Quality::p720;
};

struct TaskEnded {
  TaskId task{};
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  TimePoint at;
  std::optional<Origin> made_by{};  ///< reused: what bought it; waiting: what has it
};

/// All tasks that have not ended and have no attempt.
struct RestEnded {
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  TimePoint at;
};

/// Something about the run that belongs into its report: a model that was set aside, say.
struct Noted {
  std::string text;
  TimePoint at;
};

/// What the manifest asks of the rest of the run by now, where that may change: nothing about money.
struct TermsRenewed {
  std::string settings;  ///< in plan/'s own encoding
};

struct RunEnded {
  RunStatus status = RunStatus::completed;
  TimePoint at;
};

using Record =
    std::variant<Intent, IdReceived, HoldRaised, Settled, Released, FailureBooked, Doubted, RefundSettled,
                 WrittenOff, ClipStored, TaskEnded, RestEnded, Noted, TermsRenewed, RunEnded, ElementMade>;

/// The attempt a record is about; null: none.
[[nodiscard]] inline AttemptKey const* attempt_of(Record const& record) {
  return std::visit(
      [](auto const& one) -> AttemptKey const* {
        if constexpr (requires { one.attempt; })
          return &one.attempt;
        else
          return nullptr;
      },
      record);
}

/// When what it tells happened; of a clip's place, an element's id and of terms no time is kept.
[[nodiscard]] inline TimePoint time_of(Record const& record) {
  return std::visit(
      [](auto const& one) {
        if constexpr (requires { one.at; })
          return one.at;
        else
          return TimePoint{};
      },
      record);
}

/// What became of a record: everything but an Intent, and an id that was found, is always granted.
struct Receipt {
  bool granted = true;
  std::optional<CapKind>
      cap{};        ///< of an Intent that was refused: which; none: another run has what it asks for
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
  friend bool operator==(Entry const&, Entry const&) = default;
};

}  // namespace callsheet::ledger
