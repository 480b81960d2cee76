#pragma once

#include "orchestrator/core/time.hpp"

#include <algorithm>

namespace callsheet::engine {

/// Sets aside what keeps failing, so that an outage costs one probe a while and not a request a task. There
/// is one for each model and one for the gateway.
///
///     closed ──(failures in a row)──► open ──(pause over)──► half-open ──success──► closed
///                                       ▲                        │
///                                       └───────failure, longer──┘
class Breaker {
 public:
  struct Pace {
    int failures_to_open = 5;
    Duration first_pause = std::chrono::seconds{30};
    Duration longest_pause = std::chrono::minutes{5};
  };
  enum class State { closed, open, half_open };

  Breaker() : Breaker{Pace{}} {}
  explicit Breaker(Pace pace) : pace_{pace}, pause_{pace.first_pause} {}

  [[nodiscard]] State state(TimePoint now) const {
    if (failures_ < pace_.failures_to_open) return State::closed;
    return now < open_until_ ? State::open : State::half_open;
  }

  /// Half-open lets one probe through at a time.
  [[nodiscard]] bool admits(TimePoint now) const {
    State const s = state(now);
    return s == State::closed || (s == State::half_open && !probing_);
  }
  [[nodiscard]] TimePoint open_until() const { return open_until_; }
  [[nodiscard]] bool probing() const { return probing_; }

  void submitted(TimePoint now) { probing_ = state(now) == State::half_open; }
  void succeeded() {
    failures_ = 0;
    probing_ = false;
    pause_ = pace_.first_pause;
  }
  /// A probe that told nothing: another may go.
  void inconclusive() { probing_ = false; }
  void failed(TimePoint now) {
    bool const was_probe = probing_;
    probing_ = false;
    if (++failures_ < pace_.failures_to_open) return;
    if (was_probe) pause_ = std::min(pause_ * 2, pace_.longest_pause);
    open_until_ = now + pause_;
  }

 private:
  Pace pace_;
  int failures_ = 0;
  bool probing_ = false;
  Duration pause_;
  TimePoint open_until_{};
};

}  // namespace callsheet::engine
