#pragma once

#include "orchestrator/core/task_outcome.hpp"

namespace callsheet::ledger {

/// Tasks by how they stand.
struct TaskCounts {
  int all = 0, outstanding = 0, made = 0, mismatched = 0, reused = 0, failed = 0, in_doubt = 0, waiting = 0,
      skipped = 0;

  /// What has become of them is not settled.
  [[nodiscard]] int to_go() const { return outstanding + in_doubt + waiting; }

  /// `count` more tasks that stand so.
  void add(TaskOutcome outcome, int count);
};

}  // namespace callsheet::ledger
