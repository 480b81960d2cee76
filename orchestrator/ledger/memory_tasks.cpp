#include "orchestrator/ledger/memory_tasks.hpp"

#include "orchestrator/core/attempt.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace callsheet::ledger {

EndedTasks read_ended_tasks(StoredRun const& run) {
  EndedTasks ended;
  std::map<std::string, EndedTasks::Money> money;
  for (TaskRecord const& task : run.tasks) {
    bool const own_doubt = task.outcome == TaskOutcome::in_doubt && run.has_open_attempt(task.id);
    if (task.outcome == TaskOutcome::outstanding || own_doubt) continue;
    if (!task.element) {
      ended.made += task.outcome == TaskOutcome::made;
      ended.mismatched += task.outcome == TaskOutcome::mismatched;
      ended.failed += task.outcome == TaskOutcome::failed;
      ended.in_doubt += task.outcome == TaskOutcome::in_doubt;
      ended.skipped += task.outcome == TaskOutcome::skipped;
    }
    for (AttemptRecord const& attempt : whole(run, task).attempts) {
      std::string key;
      for (std::uint16_t const group : attempt.groups) key += fmt::format("{},", group);
      EndedTasks::Money& sum = money[key];
      sum.groups = attempt.groups;
      sum.balance += attempt.balance;
      ended.attempts += !task.element && attempt.state != AttemptState::refused;
    }
  }
  for (auto const& [key, sum] : money) ended.money.push_back(sum);
  std::set<ModelId> dearer;
  for (auto const& [key, attempt] : run.attempts)
    if (attempt.record.balance.committed() > attempt.record.most) dearer.insert(attempt.record.model);
  ended.dearer.assign(dearer.begin(), dearer.end());
  return ended;
}

std::vector<ElementTask> read_elements(StoredRun const& run) {
  std::vector<ElementTask> elements;
  for (TaskRecord const& task : run.tasks) {
    if (!task.element) continue;
    bool const open = run.has_open_attempt(task.id);
    elements.push_back({.task = task.id,
                        .identity = task.identity,
                        .id = *task.element,
                        .outcome = task.outcome,
                        .why = task.why,
                        .ended = task.outcome != TaskOutcome::outstanding && !open});
  }
  return elements;
}

UnderWay read_under_way(StoredRun const& run, std::size_t most) {
  UnderWay under_way;
  for (TaskRecord const& task : run.tasks)
    if (task.outcome == TaskOutcome::outstanding && has_money_out(run, task) && under_way.all++ < most)
      under_way.tasks.push_back(whole(run, task));
  return under_way;
}

std::vector<TaskRecord> read_latest_ends(StoredRun const& run, std::size_t most) {
  std::vector<TaskRecord> tasks;
  for (TaskRecord const& task : run.tasks)
    if (task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::mismatched ||
        task.outcome == TaskOutcome::failed || task.outcome == TaskOutcome::in_doubt)
      tasks.push_back(task);
  std::sort(tasks.begin(), tasks.end(), [](TaskRecord const& a, TaskRecord const& b) {
    return std::pair{a.ended, a.id} > std::pair{b.ended, b.id};
  });
  if (tasks.size() > most) tasks.resize(most);
  for (TaskRecord& task : tasks) task = whole(run, task);
  return tasks;
}

}  // namespace callsheet::ledger
