#pragma once

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Private to ledger/: what the ledger in memory keeps of a run, as tables would.
namespace callsheet::ledger {

struct StoredAttempt {
  AttemptRecord record;
  std::int64_t day = 0;
  std::int64_t last_entry = 0;  ///< its number in the ledger
};

struct StoredRun {
  NewRun head;
  std::string settings;
  Budget caps;
  bool started = false;
  std::int64_t known_until = 0;  ///< the ledger's position when it began
  RunStatus status = RunStatus::running;
  std::optional<TimePoint> ended;
  std::vector<std::string> routes;
  std::vector<TaskRecord> tasks;           ///< without their attempts
  std::map<TaskId, TaskIdentity> retakes;  ///< what they stand for
  std::map<AttemptKey, StoredAttempt> attempts;
  std::vector<Entry> entries;
  std::vector<Note> notes;

  /// Whether it is asked for as that: by its own identity, or by that of what it stands for.
  [[nodiscard]] bool is(TaskRecord const& task, TaskIdentity const& identity) const {
    auto const retake = retakes.find(task.id);
    return task.identity == identity || (retake != retakes.end() && retake->second == identity);
  }
  [[nodiscard]] bool has_attempt(TaskId task) const {
    auto const first = attempts.lower_bound({task, 0});
    return first != attempts.end() && first->first.task == task;
  }
  [[nodiscard]] bool has_open_attempt(TaskId task) const {
    auto attempt = attempts.lower_bound({task, 0});
    while (attempt != attempts.end() && attempt->first.task == task && !is_open(attempt->second.record.state))
      ++attempt;
    return attempt != attempts.end() && attempt->first.task == task;
  }
};

/// The rows as a record leaves them; `after`: of its attempt, as booked.
void apply(StoredRun& run, Record const& record, AttemptStanding const& after);

/// A task with its attempts.
[[nodiscard]] TaskRecord whole(StoredRun const& run, TaskRecord const& stored);
[[nodiscard]] RunSummary summary_of(StoredRun const& run);
/// Money is out on the task: an attempt is open, or billed and its clip not there.
[[nodiscard]] bool has_money_out(StoredRun const& run, TaskRecord const& task);

}  // namespace callsheet::ledger
