#pragma once

#include "orchestrator/core/assert.hpp"
#include "orchestrator/core/limits.hpp"

namespace callsheet::engine {

/// What the run has promised and spent, against its caps. Law 1 as a class: `hold` asserts it.
class RunMoney {
 public:
  explicit RunMoney(Budget budget) : budget_{budget} {}

  enum class Fit {
    fits,
    wait,   ///< would fit if holds now out came back: decide when they have ended
    short_  ///< will not fit whatever comes back
  };
  [[nodiscard]] Fit fit(Credits most) const {
    if (committed() + most <= budget_.cap) return Fit::fits;
    return held_ > Credits{} && spent_ + most <= budget_.cap ? Fit::wait : Fit::short_;
  }

  /// Whether one task may cost `most` more, having burnt `burnt` in attempts that came to nothing.
  [[nodiscard]] bool within_task_cap(Credits burnt, Credits most) const {
    return !budget_.per_task || burnt + most <= *budget_.per_task;
  }

  void hold(Credits amount) {
    CALLSHEET_ASSERT(committed() + amount <= budget_.cap);
    held_ += amount;
  }
  void release(Credits held) {
    CALLSHEET_ASSERT(held <= held_);
    held_ -= held;
  }
  /// The hold ends and `spent` stands in its place: a bill, or a failed task whose refund is not yet seen.
  void settle(Credits held, Credits spent) {
    release(held);
    spent_ += spent;
  }
  /// What earlier sessions of this run left behind (resume).
  void restore(Credits held, Credits spent) {
    held_ += held;
    spent_ += spent;
  }

  [[nodiscard]] Credits committed() const { return held_ + spent_; }
  [[nodiscard]] Budget const& budget() const { return budget_; }

 private:
  Budget budget_;
  Credits held_;
  Credits spent_;
};

}  // namespace callsheet::engine
