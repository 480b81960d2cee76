#include "orchestrator/ledger/task_counts.hpp"

namespace callsheet::ledger {

void TaskCounts::add(TaskOutcome outcome, int count) {
  all += count;
  switch (outcome) {
    case TaskOutcome::outstanding:
      outstanding += count;
      return;
    case TaskOutcome::made:
      made += count;
      return;
    case TaskOutcome::mismatched:
      mismatched += count;
      return;
    case TaskOutcome::reused:
      reused += count;
      return;
    case TaskOutcome::failed:
      failed += count;
      return;
    case TaskOutcome::in_doubt:
      in_doubt += count;
      return;
    case TaskOutcome::waiting:
      waiting += count;
      return;
    case TaskOutcome::skipped:
      skipped += count;
      return;
  }
}

}  // namespace callsheet::ledger
