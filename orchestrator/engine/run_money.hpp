#pragma once

#include "orchestrator/core/assert.hpp"
#include "orchestrator/core/limits.hpp"

#include <vector>

namespace callsheet::engine {

/// What the run has promised and spent, against its caps. Law 1 as a class: `hold` asserts it.
class RunMoney {
 public:
  explicit RunMoney(Budget budget) : budget_{std::move(budget)}, groups_(budget_.groups.size()) {}

  enum class Fit {
    fits,
    wait,        ///< would fit the run's cap if holds now out came back
    wait_group,  ///< the same for a group's cap
    too_much,    ///< will not fit the run's cap whatever comes back
    too_much_for_group
  };
  [[nodiscard]] Fit fit(Credits most, GroupSet const& groups) const {
    if (run_.spent + most > budget_.cap) return Fit::too_much;
    for (std::uint16_t const group : groups)
      if (groups_[group].spent + most > budget_.groups[group].cap) return Fit::too_much_for_group;
    for (std::uint16_t const group : groups)
      if (groups_[group].committed() + most > budget_.groups[group].cap) return Fit::wait_group;
    return run_.committed() + most > budget_.cap ? Fit::wait : Fit::fits;
  }

  /// Whether one task may cost `most` more, having burnt `burnt` in attempts that came to nothing.
  [[nodiscard]] bool within_task_cap(Credits burnt, Credits most) const {
    return !budget_.per_task || burnt + most <= *budget_.per_task;
  }

  void hold(Credits amount, GroupSet const& groups) {
    CALLSHEET_ASSERT(fit(amount, groups) == Fit::fits);
    add(amount, {}, groups);
  }
  /// More than was thought is promised already: a fact, whatever the caps say.
  void raise(Credits more, GroupSet const& groups) { add(more, {}, groups); }
  void release(Credits held, GroupSet const& groups) { settle(held, {}, groups); }
  /// The hold ends and `spent` stands in its place: a bill, or a failed task whose refund is not yet seen.
  void settle(Credits held, Credits spent, GroupSet const& groups) {
    CALLSHEET_ASSERT(held <= run_.held);
    add(-held, spent, groups);
  }
  /// What earlier sessions of this run left behind (resume).
  void restore(Credits held, Credits spent, GroupSet const& groups) { add(held, spent, groups); }

  [[nodiscard]] Credits committed() const { return run_.committed(); }
  [[nodiscard]] Credits spent() const { return run_.spent; }
  [[nodiscard]] Credits committed(std::uint16_t group) const { return groups_[group].committed(); }
  [[nodiscard]] Budget const& budget() const { return budget_; }

 private:
  struct Balance {
    Credits held, spent;
    [[nodiscard]] Credits committed() const { return held + spent; }
  };

  void add(Credits held, Credits spent, GroupSet const& groups) {
    run_.held += held;
    run_.spent += spent;
    for (std::uint16_t const group : groups) {
      groups_[group].held += held;
      groups_[group].spent += spent;
    }
  }

  Budget budget_;
  Balance run_;
  std::vector<Balance> groups_;
};

}  // namespace callsheet::engine
