#pragma once

#include "orchestrator/core/time.hpp"

#include <algorithm>
#include <cstdint>

namespace callsheet::engine {

/// Keeps an outage from multiplying traffic: create requests that are not a task's first may be a fifth of
/// the first ones, and beyond that one each `trickle`. A retry that finds nothing left waits; it is not given
/// up.
class RetryBudget {
 public:
  void first_try(TimePoint now) {
    refill(now);
    tokens_ = std::min(tokens_ + per_first_try, most);
  }

  /// When a retry may go; not after `now`: at once.
  [[nodiscard]] TimePoint next_at(TimePoint now) const {
    std::int64_t const have = tokens_at(now);
    if (have >= one) return now;
    return now + Duration{(one - have) * trickle.count() / one + 1};
  }

  void take(TimePoint now) {
    refill(now);
    tokens_ -= one;
  }

 private:
  static constexpr std::int64_t one = 1'000'000;
  static constexpr std::int64_t per_first_try = one / 5;
  static constexpr std::int64_t most = 10 * one;
  static constexpr Duration trickle = std::chrono::seconds{2};

  [[nodiscard]] std::int64_t tokens_at(TimePoint now) const {
    if (refilled_ == TimePoint::min()) return tokens_;
    Duration const passed = std::min<Duration>(now - refilled_, trickle * (most / one));
    return std::min(tokens_ + passed.count() * one / trickle.count(), most);
  }
  void refill(TimePoint now) {
    tokens_ = tokens_at(now);
    refilled_ = now;
  }

  std::int64_t tokens_ = most;
  TimePoint refilled_ = TimePoint::min();
};

}  // namespace callsheet::engine
