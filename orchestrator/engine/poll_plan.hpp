#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/random.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace callsheet::engine {

/// Ages are counted in steps that grow by 4 %, from 20 ms to some four hours: fine enough for a detection
/// delay of a few per cent, and the same for clips of seconds and of hours.
namespace poll_grid {
/// The age at which step `i` begins; `steps()` is the last edge.
[[nodiscard]] Duration edge(std::size_t i);
[[nodiscard]] std::size_t steps();
/// The step that `age` lies in.
[[nodiscard]] std::size_t step_of(Duration age);
}  // namespace poll_grid

/// How long tasks of one kind take, learned from what reading them showed: not only when they ended, but also
/// how long they did not. So the first reads of a run teach as much as its last ones.
class DurationKnowledge {
 public:
  /// Read at `from` (or submitted, 0) and at `to`, both times still running.
  void alive(Duration from, Duration to);
  /// Ended at some time after `from` and not after `to`.
  void ended(Duration from, Duration to);

  /// The chance to end within step `i`, having come that far; a vague prior around `estimate` where nothing
  /// was seen.
  [[nodiscard]] std::vector<double> hazard(std::optional<Duration> estimate) const;
  [[nodiscard]] double observations() const { return observations_; }
  /// Whether any task was ever seen to end: without that, hardly anything is known of the time it takes.
  [[nodiscard]] bool any_ended() const { return ends_ > 0; }
  /// How many were.
  [[nodiscard]] double ends() const { return ends_; }

  /// For the ledger: pairs of numbers a step where something was seen. `share` (0..1] fades old knowledge.
  struct Step {
    std::uint32_t step = 0;
    double came_that_far = 0;
    double ended = 0;
    friend bool operator==(Step const&, Step const&) = default;
  };
  [[nodiscard]] std::vector<Step> steps() const;
  void restore(std::vector<Step> const& steps, double share);

 private:
  // Differences between neighbouring steps: an observation costs two additions however long it was.
  std::vector<double> exposure_change_;
  std::vector<double> ended_change_;
  double observations_ = 0;
  double ends_ = 0;
};

/// When to read a running task so that a given number of reads finds its end as early as can be expected: the
/// inspection problem, solved exactly on the grid by dynamic programming, again whenever enough was learned.
class PollPlan {
 public:
  struct Bounds {
    Duration least{std::chrono::seconds{3}};  ///< between two reads of one task
    Duration most{std::chrono::minutes{2}};
  };

  explicit PollPlan(Bounds bounds) : bounds_{bounds} {}

  [[nodiscard]] DurationKnowledge& knowledge() { return knowledge_; }
  [[nodiscard]] DurationKnowledge const& knowledge() const { return knowledge_; }

  /// What the gateway thinks such a task takes; kept from the first task that tells.
  void estimate(std::chrono::seconds time);

  /// How long to wait from `age` (0: just submitted) until the next read. `reads_per_task`: how many may be
  /// spent on a task on average. While no task was seen to end, most leave it to some scouts to find out
  /// when: they have to ask again when knowledge().any_ended() turns true. Deterministic but for jitter.
  [[nodiscard]] Duration wait(Duration age, double reads_per_task, Random& random);

  /// Expected reads of a task and expected delay until its end is seen, under the plan in force.
  struct Outlook {
    double reads = 0;
    Duration delay{0};
    Duration duration{0};
  };
  [[nodiscard]] Outlook outlook(double reads_per_task);

 private:
  struct Curve;
  struct Workspace;
  [[nodiscard]] Duration wait_unknowing(Duration age, Random& random) const;
  [[nodiscard]] Duration planned_wait(Duration age, double reads_per_task);
  void renew(double reads_per_task);
  void plan_with(Curve const& curve, double cost_of_read, Workspace& work);

  /// Whether a task of this age may wait for what others find out.
  [[nodiscard]] bool leaves_it_to_scouts(Duration age);

  Bounds bounds_;
  DurationKnowledge knowledge_;
  int newcomers_ = 0;  ///< tasks that came while nothing was known
  std::optional<Duration> estimate_;
  std::vector<std::uint16_t> next_;  ///< by step: the edge at which to read next
  double planned_for_reads_ = 0;
  double planned_with_ = -1;  ///< observations known when it was made
  double cost_of_read_ = 0;  ///< the price at which the plan spends what it may: where the next search begins
  Outlook outlook_;
};

}  // namespace callsheet::engine
