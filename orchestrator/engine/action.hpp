#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/plan/route.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace callsheet::engine {

// Actions are orders to the outside. Whoever carries one out answers with exactly one event, where one is
// named.

/// Add up to `count` more tasks, if there are any. Answer: Loaded.
struct Load {
  std::size_t count = 0;
};

/// Make the task's pictures available to the gateway (free of charge). Answer: Prepared or PrepareFailed.
struct Prepare {
  TaskId task{};
};

/// What a task waited for longest before it was submitted.
enum class Waited {
  nothing,
  pause,
  slot,
  model_slot,
  home,
  rate,
  model_rate,
  slow_down,
  breaker,
  outage,
  money,
  retry
};
std::string_view to_string(Waited waited);

/// Make the hold and the intent durable, then send the create request; nothing leaves without the hold.
/// Answers: Sending when the bytes are about to leave, then Submitted, Refused or SubmitUnknown; or only
/// HoldRefused, TakenElsewhere or InputsLost, when nothing was sent.
struct Submit {
  AttemptKey attempt;
  plan::Candidate candidate;
  std::string why;  ///< why this candidate, where it is not simply the first by price
  Waited waited = Waited::nothing;
};

/// Send the very same create request again under its idempotency key: only ordered while the gateway honours
/// keys, so it buys nothing twice. Answer: Submitted, Refused or SubmitUnknown.
struct Replay {
  AttemptKey attempt;
};

/// Ask the account's task list for what was created since; leave out what this ledger knows. Answer: Listed
/// or ListFailed.
struct Search {
  TimePoint since;
};

/// An attempt in doubt may be this task: read it; if the gateway knows it, and it was created between these
/// times (where it tells, and they are given), make its id durable. Answer: Submitted or AdoptFailed.
struct Adopt {
  AttemptKey attempt;
  GatewayTaskId id;
  struct Times {
    TimePoint first, last;
  };
  std::optional<Times> created;
};

/// Read the task. Answer: Polled or PollFailed.
struct Poll {
  AttemptKey attempt;
  GatewayTaskId id;
};

/// Ask the gateway something that is free of charge, to see whether it is back. Answer: Probed.
struct Probe {};

/// Bring the clip home: to a temporary name, checked, then renamed. Answer: Fetched or FetchFailed.
struct Fetch {
  AttemptKey attempt;
  std::vector<std::string> links;
};

/// The gateway has reserved more than was held: hold as much. No answer.
struct RaiseHold {
  AttemptKey attempt;
  Credits to;
};

/// The gateway made the clip: turn the hold into a bill of `billed`. No answer.
struct Settle {
  AttemptKey attempt;
  Credits billed;
  BilledBy by = BilledBy::request;
  Duration alive{0};  ///< age when the task was last seen running
  Duration ended{0};  ///< age when it was seen to have ended
};

/// Certainly not taken by the gateway: free the hold. No answer. `then`: what is done about it.
struct Release {
  AttemptKey attempt;
  Failure failure;
  std::string then;
};

/// The gateway took the task and failed it. The money counts against the cap until its return is seen. No
/// answer. `charged`: what it says it billed all the same, for good.
enum class Refund { expected, seen };
struct BookFailure {
  AttemptKey attempt;
  Failure failure;
  Refund refund = Refund::expected;
  std::optional<Credits> charged;
  std::string then;
};

/// The request may have landed: keep the hold, remember the doubt. No answer.
struct MarkInDoubt {
  AttemptKey attempt;
  Failure failure;
};

/// This model is asked for nothing more in this run. No answer.
struct SetAside {
  ModelId model;
  std::string why;
};

/// The task ended, or (outstanding) is left for `resume`. No answer.
struct Finish {
  TaskId task{};
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
};

/// No more tasks are wanted: those that were not added yet end like this. No answer.
struct FinishRest {
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
};

using Action = std::variant<Load, Prepare, Submit, Replay, Search, Adopt, Poll, Probe, Fetch, RaiseHold,
                            Settle, Release, BookFailure, MarkInDoubt, SetAside, Finish, FinishRest>;

}  // namespace callsheet::engine
