#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/random.hpp"

#include <algorithm>
#include <optional>

namespace callsheet::engine {

/// Exponential backoff with jitter over the upper half, so that many tasks that failed together do not return
/// together, and none returns at once.
struct Backoff {
  Duration first;
  Duration most;

  /// The wait after `failures` failures in a row (from 1). A time the other side named is obeyed in full.
  [[nodiscard]] Duration delay(int failures, std::optional<std::chrono::milliseconds> retry_after,
                               Random& random) const {
    Duration wait = first;
    for (int i = 1; i < failures && wait < most; ++i) wait *= 2;
    wait = std::min(wait, most);
    Duration const jittered{random.between(wait.count() / 2, wait.count())};
    return retry_after ? std::max<Duration>(*retry_after, jittered) : jittered;
  }
};

}  // namespace callsheet::engine
