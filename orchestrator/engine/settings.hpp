#pragma once

#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/backoff.hpp"
#include "orchestrator/engine/poll_schedule.hpp"

#include <optional>

namespace callsheet::engine {

/// Whether a create request sent again under the same key is answered with the first one's task
/// (gateway-api.md section 11: never assumed of the real gateway).
enum class Idempotency { unknown, honoured };

struct Settings {
  Limits limits;
  Budget budget;
  PollSchedule polls;
  Backoff retry{std::chrono::seconds{1}, std::chrono::seconds{60}};
  std::optional<Rate> reads;    ///< polls, over all tasks
  int fetches = 4;              ///< downloads at a time
  int landed_most = 3;          ///< attempts of one task that the gateway took
  int tries_most = 8;           ///< free tries in a row (refused, not sent) before a task is given up
  int rate_limited_most = 100;  ///< times in a row the gateway may say "slow down" to one task
  int unknown_tries_most = 8;   ///< times in a row the gateway may not know a task it made
  int replays_most = 6;         ///< replays of one doubt
  int fetch_tries_most = 6;     ///< then the clip is left for `resume`
  Duration patience = std::chrono::hours{2};  ///< a task running longer is left for `resume`, never given up
  Idempotency idempotency = Idempotency::unknown;
};

}  // namespace callsheet::engine
