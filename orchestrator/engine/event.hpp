#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/reserved.hpp"
#include "orchestrator/core/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace callsheet::engine {

// Events are news from the outside.

/// The tasks that were asked for have been added. `all`: there are no more.
struct Loaded {
  bool all = false;
};

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
  CapKind cap = CapKind::run;
  std::string why;
};

/// Another run of this ledger has made what the task asks for, or has money out for it. Nothing was recorded
/// or sent.
struct TakenElsewhere {
  AttemptKey attempt;
  std::string why;
};

/// The intent is durable and the request leaves now: what the exact rate limits count from.
struct Sending {
  AttemptKey attempt;
};

/// The gateway took the task; its id is durable already.
struct Submitted {
  AttemptKey attempt;
  GatewayTaskId id;
  Reserved reserved;
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

/// A task of the account's list that this ledger does not know.
struct Stranger {
  GatewayTaskId id;
  ModelId model;
  TimePoint created;                             ///< by the gateway's clock, whole seconds
  std::optional<std::chrono::seconds> duration;  ///< of the clip, where the list tells
};
/// An attempt of another run that may own a stranger.
struct Rival {
  ModelId model;
  TimePoint sent;
};
struct Listed {
  std::vector<Stranger> strangers;
  std::vector<Rival> rivals;
  TimePoint since;  ///< nothing created from here on is missing
};
struct ListFailed {
  Failure failure;
};
struct AdoptFailed {
  AttemptKey attempt;
  Failure failure;
};

/// A callback with the attempt's one-time token came in. A hint: nothing in it is believed. `id`: the task it
/// names, if it names one.
struct CalledBack {
  AttemptKey attempt;
  GatewayTaskId id;
};

/// Evidence from outside that the gateway did not take an attempt in doubt: its books, or a person's word.
struct NotTaken {
  AttemptKey attempt;
  std::string how;
};

enum class Progress { running, completed, failed };

struct Polled {
  AttemptKey attempt;
  Progress progress = Progress::running;
  int percent = 0;
  std::vector<std::string> links;  ///< completed
  Failure failure;                 ///< failed
  std::optional<Credits> charged;  ///< what the gateway says it billed for good, if it says so
  bool refund_seen = false;        ///< the gateway says the money of a failed task is back
};

struct PollFailed {
  AttemptKey attempt;
  Failure failure;
};

enum class Reach { there, away };
struct Probed {
  Reach gateway = Reach::there;
};

struct Fetched {
  AttemptKey attempt;
  std::chrono::milliseconds length{0};  ///< of the clip, as measured
  std::string mismatch = {};            ///< in what it is not what was ordered; empty: in nothing
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

/// Nothing new is submitted until ResumeRequested; what was submitted is read and brought home meanwhile, and
/// deadlines pass.
struct PauseRequested {};
struct ResumeRequested {};

using Event = std::variant<Loaded, Prepared, PrepareFailed, InputsLost, HoldRefused, TakenElsewhere, Sending,
                           Submitted, Refused, SubmitUnknown, Listed, ListFailed, AdoptFailed, CalledBack,
                           NotTaken, Polled, PollFailed, Probed, Fetched, FetchFailed, IdempotencySeen,
                           StopRequested, PauseRequested, ResumeRequested>;

}  // namespace callsheet::engine
