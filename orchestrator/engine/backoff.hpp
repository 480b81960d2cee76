#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/random.hpp"

#include <algorithm>
#include <optional>

namespace callsheet::engine {

/// Exponential backoff with full jitter: anywhere between nothing and the doubled wait, so that many tasks
/// that failed together come back spread over the whole of it.
struct Backoff {
  Duration first;
  Duration most;

  /// The wait after `failures` failures in a row (from 1). A time the other side named is obeyed in full, and
  /// spread out after it.
  [[nodiscard]] Duration delay(int failures, std::optional<std::chrono::milliseconds> retry_after,
                               Random& random) const {
    Duration wait = first;
    for (int i = 1; i < failures && wait < most; ++i) wait *= 2;
    wait = std::min(wait, most);
    Duration const jittered{random.between(0, wait.count())};
    return retry_after ? *retry_after + jittered : jittered;
  }
};

}  // namespace callsheet::engine
