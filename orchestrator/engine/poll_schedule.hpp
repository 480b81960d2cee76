#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/random.hpp"

#include <algorithm>
#include <optional>

namespace callsheet::engine {

/// When to read a running task. The first read waits for a good part of what the gateway estimates; then the
/// spacing grows with the task's age, so that long tasks are not read more often than short ones, with
/// jitter.
struct PollSchedule {
  Duration least{std::chrono::seconds{3}};
  Duration most{std::chrono::seconds{20}};

  [[nodiscard]] Duration first(std::optional<std::chrono::seconds> estimate, Random& random) const {
    Duration const guess = estimate ? Duration{*estimate} / 4 : least;
    return jittered(std::clamp(guess, least, std::max(least, most)), random);
  }

  /// `age`: since the task was submitted.
  [[nodiscard]] Duration next(Duration age, Random& random) const {
    return jittered(std::clamp(age / 8, least, most), random);
  }

 private:
  static Duration jittered(Duration wait, Random& random) {
    return Duration{random.between(wait.count() * 9 / 10, wait.count() * 11 / 10)};
  }
};

}  // namespace callsheet::engine
