#pragma once

#include "orchestrator/core/gateway_trust.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/threshold.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/backoff.hpp"
#include "orchestrator/engine/poll_plan.hpp"

#include <optional>
#include <vector>

namespace callsheet::engine {

/// Whether running tasks announce their end by callbacks.
enum class Callbacks { none, expected };

struct Settings {
  Limits limits;
  Budget budget;
  std::vector<Threshold> thresholds;
  PollPlan::Bounds polls;
  double reads_per_task = 3.3;         ///< spent on a task on average where nothing waits for its slot
  double reads_per_task_queued = 5.0;  ///< where others wait: a late look then costs everybody's time
  Backoff retry{std::chrono::seconds{1}, std::chrono::seconds{60}};
  std::optional<Rate> reads;    ///< polls, over all tasks
  int fetches = 4;              ///< downloads at a time
  int landed_most = 3;          ///< attempts of one task that the gateway took
  int tries_most = 8;           ///< free tries in a row (refused, not sent) before a task is given up
  int rate_limited_most = 100;  ///< times in a row the gateway may say "slow down" to one task
  int unknown_tries_most = 8;   ///< times in a row the gateway may not know a task it made
  int replays_most = 6;         ///< replays of one doubt
  int searches_most = 5;        ///< looks at the task list for one doubt
  int adoptions_most = 3;       ///< tries to read a task that may be an attempt in doubt
  int hints_most = 5;           ///< callbacks of one attempt that are followed at once
  int fetch_tries_most = 6;     ///< then the clip is left for `collect`
  Duration patience = std::chrono::hours{2};  ///< a task running longer is left for `collect`, never given up
  Duration outage_patience =
      std::chrono::minutes{30};  ///< a gateway that is away longer ends the run, resumable
  Duration doubt_slot =
      std::chrono::minutes{20};  ///< how long a doubt counts as in flight: it may be running
  Duration listing_lag = std::chrono::seconds{30};  ///< a list older than that may not show what was taken
  Duration clock_skew = std::chrono::seconds{5};  ///< between times the gateway gives, on our clock, and ours
  Idempotency idempotency = Idempotency::unknown;
  Listing listing = Listing::none;
  Callbacks callbacks = Callbacks::none;
  RefusedContent refused_content = RefusedContent::give_up;
  std::size_t backlog = 1'000;  ///< tasks kept waiting, where more are to be loaded
};

}  // namespace callsheet::engine
