#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/plan/route.hpp"

#include <string>
#include <variant>
#include <vector>

namespace callsheet::engine {

// Actions are orders to the outside. Whoever carries one out answers with exactly one event, where one is
// named.

/// Make the task's pictures available to the gateway (free of charge). Answer: Prepared or PrepareFailed.
struct Prepare {
  TaskId task{};
};

/// Make the hold and the intent durable, then send the create request; nothing leaves without the hold.
/// Answer: HoldRefused, Submitted, Refused or SubmitUnknown.
struct Submit {
  AttemptKey attempt;
  plan::Candidate candidate;
};

/// Send the very same create request again under its idempotency key: only ordered while the gateway honours
/// keys, so it buys nothing twice. Answer: Submitted, Refused or SubmitUnknown.
struct Replay {
  AttemptKey attempt;
};

/// Read the task. Answer: Polled or PollFailed.
struct Poll {
  AttemptKey attempt;
  GatewayTaskId id;
};

/// Bring the clip home: to a temporary name, checked, then renamed. Answer: Fetched or FetchFailed.
struct Fetch {
  AttemptKey attempt;
  std::vector<std::string> links;
};

/// The gateway made the clip: turn the hold into a bill of `billed`. No answer.
struct Settle {
  AttemptKey attempt;
  Credits billed;
};

/// Certainly not taken by the gateway: free the hold. No answer.
struct Release {
  AttemptKey attempt;
  Failure failure;
};

/// The gateway took the task and failed it. The money counts against the cap until its return is seen.
enum class Refund { expected, seen };
struct BookFailure {
  AttemptKey attempt;
  Failure failure;
  Refund refund = Refund::expected;
};

/// The request may have landed: keep the hold, remember the doubt. No answer.
struct MarkInDoubt {
  AttemptKey attempt;
  Failure failure;
};

/// The task ended, or (outstanding) is left for `resume`. No answer.
struct Finish {
  TaskId task{};
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
};

using Action =
    std::variant<Prepare, Submit, Replay, Poll, Fetch, Settle, Release, BookFailure, MarkInDoubt, Finish>;

}  // namespace callsheet::engine
