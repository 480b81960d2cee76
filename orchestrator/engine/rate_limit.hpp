#pragma once

#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/time.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace callsheet::engine {

/// How often something may be sent.
///
/// Exact: it remembers when the latest `count` left, and nothing goes before the oldest of them is a whole
/// window ago. So no window, wherever it begins, holds more than `count`, and all of the rate can be used.
/// Within that, what goes is spaced out: `burst` at once, then one each window / count.
///
/// Learning: when the other side says "slow down", the pace is halved, then climbs back to what was allowed.
/// That also works where no rate was given: what was sent lately is the rate then.
class RateLimit {
 public:
  explicit RateLimit(std::optional<Rate> rate = {});

  /// When the next one may go; not after `now`: at once. TimePoint::max(): not before went() tells of an
  /// earlier one.
  [[nodiscard]] TimePoint next_at(TimePoint now) const;

  /// Counts one that was decided at `now`. It leaves later (its intent has to be durable first), and until
  /// went() says when, it counts as leaving now or later, whatever is the stricter.
  using Ticket = std::uint64_t;
  Ticket take(TimePoint now);
  /// The one with that ticket left at `at`, or never left.
  void went(Ticket ticket, TimePoint at);
  /// One that left before this engine began.
  void restore(TimePoint at) { went(take(at), at); }

  /// The other side refused for its rate. `retry_after`: what it named, obeyed in full.
  void slow_down(TimePoint now, std::optional<std::chrono::milliseconds> retry_after);
  /// The pace as a share of what is allowed, in (0, 1].
  [[nodiscard]] double pace(TimePoint now) const;

 private:
  [[nodiscard]] Duration learned_interval() const;

  std::optional<Rate> rate_;
  Duration window_{0};    ///< 0: no rate was given
  Duration interval_{0};  ///< between two at full pace; 0: none known
  int burst_ = 1;
  std::vector<TimePoint> latest_;  ///< ring by ticket; TimePoint::max(): has not left yet
  Ticket taken_ = 0;
  TimePoint ready_ = TimePoint::min();
  TimePoint paused_until_ = TimePoint::min();
  double pace_at_cut_ = 1;
  TimePoint cut_at_ = TimePoint::min();
};

}  // namespace callsheet::engine
