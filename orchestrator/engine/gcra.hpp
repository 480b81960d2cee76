#pragma once

#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/time.hpp"

#include <algorithm>

namespace callsheet::engine {

/// Generic cell rate algorithm: at most `rate.count` in *every* window of `rate.window`, bursts included.
/// A burst of B at once leaves count - B for the rest of the window, so the steady spacing is
/// window / (count - B + 1); B is a fifth of the count: quick starts without a long silence after.
class Gcra {
 public:
  explicit Gcra(Rate rate)
      : interval_{interval_of(rate)},
        tolerance_{interval_ * (burst_of(rate) - 1)},
        ready_{TimePoint::min()} {}

  /// When the next one may go; not after `now` means at once.
  [[nodiscard]] TimePoint next_at() const {
    return ready_ == TimePoint::min() ? ready_ : ready_ - tolerance_;
  }

  /// Counts one that goes at `now`, which must not be before next_at().
  void take(TimePoint now) { ready_ = std::max(ready_, now) + interval_; }

  /// Nothing may go before `time`: the other side said so.
  void pause_until(TimePoint time) { ready_ = std::max(ready_, time + tolerance_); }

 private:
  static int burst_of(Rate rate) { return std::max(1, rate.count / 5); }
  static Duration interval_of(Rate rate) {
    Duration const window{rate.window};
    int const spread = rate.count - burst_of(rate) + 1;
    return Duration{(window.count() + spread - 1) / spread};
  }

  Duration interval_;
  Duration tolerance_;
  TimePoint ready_;
};

}  // namespace callsheet::engine
