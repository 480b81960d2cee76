#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callsheet::engine {

// Events are news from the outside.

struct Prepared {
  TaskId task{};
};
struct PrepareFailed {
  TaskId task{};
  Failure failure;
};

/// A picture's address was lost before the request could be written (its upload is about to expire). Nothing
/// was recorded or sent.
struct InputsLost {
  AttemptKey attempt;
  Failure failure;
};

/// The ledger refused the hold: another run of this ledger used up the day's cap, say. Nothing was sent.
struct HoldRefused {
  AttemptKey attempt;
  std::string why;
};

/// The gateway took the task; its id is durable already.
struct Submitted {
  AttemptKey attempt;
  GatewayTaskId id;
  std::optional<Credits>
      reserved;  ///< empty: not told, or in no unit that can be trusted (gateway-api.md section 6)
  std::optional<std::chrono::seconds> estimated_time;
};

/// Certainly not taken: not sent, or a refusal was read.
struct Refused {
  AttemptKey attempt;
  Failure failure;
};

/// Bytes left and no answer told what became of them.
struct SubmitUnknown {
  AttemptKey attempt;
  Failure failure;
};

enum class Progress { running, completed, failed };

struct Polled {
  AttemptKey attempt;
  Progress progress = Progress::running;
  int percent = 0;
  std::vector<std::string> links;  ///< completed
  Failure failure;                 ///< failed
  std::optional<Credits> charged;  ///< what the gateway says it billed, if it says so
  bool refund_seen = false;        ///< the gateway says the money of a failed task is back
};

struct PollFailed {
  AttemptKey attempt;
  Failure failure;
};

struct Fetched {
  AttemptKey attempt;
};

/// `link_dead`: the gateway no longer serves the link; reading the task may give a new one.
enum class LinkState { alive, dead };
struct FetchFailed {
  AttemptKey attempt;
  Failure failure;
  LinkState link = LinkState::alive;
};

/// The gateway has shown that it honours idempotency keys.
struct IdempotencySeen {};

/// No new submissions from now on; what runs is brought home.
struct StopRequested {
  std::string why;
};

using Event =
    std::variant<Prepared, PrepareFailed, InputsLost, HoldRefused, Submitted, Refused, SubmitUnknown, Polled,
                 PollFailed, Fetched, FetchFailed, IdempotencySeen, StopRequested>;

}  // namespace callsheet::engine
