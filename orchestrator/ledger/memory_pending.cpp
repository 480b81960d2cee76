#include "orchestrator/ledger/memory_pending.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace callsheet::ledger {

namespace {

class MemoryPending final : public Ledger::Pending {
 public:
  explicit MemoryPending(StoredRun const& run) : run_{run} {
    for (TaskRecord const& task : run.tasks) order_.push_back(task.id);
    std::stable_sort(order_.begin(), order_.end(), [&](TaskId a, TaskId b) {
      return run_.tasks[index(a)].priority > run_.tasks[index(b)].priority;
    });
  }

  Result<std::vector<TaskRecord>> with_money_out() override {
    std::vector<TaskRecord> tasks;
    for (TaskRecord const& task : run_.tasks)
      if (has_money_out(run_, task)) {
        tasks.push_back(whole(run_, task));
        given_.insert(task.id);
      }
    return tasks;
  }

  Result<std::vector<TaskRecord>> next(std::size_t most) override {
    std::vector<TaskRecord> tasks;
    for (; at_ < order_.size() && tasks.size() < most; ++at_) {
      TaskRecord const& task = run_.tasks[index(order_[at_])];
      if (task.outcome == TaskOutcome::outstanding && !given_.contains(task.id))
        tasks.push_back(whole(run_, task));
    }
    return tasks;
  }

 private:
  StoredRun const& run_;
  std::vector<TaskId> order_;
  std::set<TaskId> given_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Ledger::Pending> read_pending(StoredRun const& run) {
  return std::make_unique<MemoryPending>(run);
}

}  // namespace callsheet::ledger
