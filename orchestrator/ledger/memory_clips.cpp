#include "orchestrator/ledger/memory_clips.hpp"

#include "orchestrator/core/attempt.hpp"

#include <utility>

namespace callsheet::ledger {

namespace {

/// Of several clips of one identity, the least is taken.
int preference(TaskOutcome outcome) {
  if (outcome == TaskOutcome::made) return 0;
  return outcome == TaskOutcome::mismatched ? 1 : 2;
}

/// Its clip is paid for, or may be.
bool is_bought(StoredRun const& run, TaskId task) {
  for (auto it = run.attempts.lower_bound({task, 0}); it != run.attempts.end() && it->first.task == task;
       ++it) {
    AttemptState const state = it->second.record.state;
    if (state != AttemptState::refused && state != AttemptState::failed) return true;
  }
  return false;
}

bool made_since(StoredRun const& run, TaskRecord const& task, std::int64_t position) {
  if (task.outcome != TaskOutcome::made && task.outcome != TaskOutcome::mismatched) return false;
  for (auto it = run.attempts.lower_bound({task.id, 0});
       it != run.attempts.end() && it->first.task == task.id; ++it)
    if (it->second.record.state == AttemptState::finished && it->second.last_entry > position) return true;
  return false;
}

/// The latest run that makes the task's take anew.
std::optional<RunId> superseding(MemoryDisk const& disk, StoredRun const& run, TaskRecord const& task) {
  auto const own = run.retakes.find(task.id);
  TaskIdentity const& place = own == run.retakes.end() ? task.identity : own->second;
  for (auto later = disk.runs.rbegin(); later->get() != &run; ++later) {
    StoredRun const& other = **later;
    if (!other.started || other.head.gateway != run.head.gateway) continue;
    for (TaskRecord const& theirs : other.tasks) {
      auto const retake = other.retakes.find(theirs.id);
      bool const given_up = theirs.outcome == TaskOutcome::skipped || theirs.outcome == TaskOutcome::failed;
      bool const anew = !given_up && retake != other.retakes.end() && retake->second == place &&
                        other.head.campaign == run.head.campaign;
      bool const bought = own != run.retakes.end() && theirs.identity == place && is_bought(other, theirs.id);
      if (anew || bought) return other.head.id;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<KnownClip> find_clip(MemoryDisk const& disk, std::string const& gateway,
                                   TaskIdentity const& identity, Clips clips) {
  std::optional<KnownClip> known;
  for (auto run = disk.runs.rbegin(); run != disk.runs.rend(); ++run) {
    StoredRun const& stored = **run;
    if (!stored.started || stored.head.gateway != gateway) continue;
    for (TaskRecord const& task : stored.tasks) {
      if (!stored.is(task, identity)) continue;
      bool const made = task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::mismatched ||
                        task.outcome == TaskOutcome::reused;
      if (clips == Clips::latest) {
        if (known || !made || task.outcome == TaskOutcome::reused) continue;
      } else if (made ? clips == Clips::paid && !task.element : !has_money_out(stored, task)) {
        continue;
      }
      if (known && preference(known->outcome) <= preference(task.outcome)) continue;
      known = KnownClip{.origin = {.run = stored.head.id, .model = {}, .quality = Quality::p720},
                        .task = task.name,
                        .outcome = task.outcome,
                        .clip = task.clip,
                        .element = task.element,
                        .identity = task.identity};
      std::vector<AttemptRecord> const attempts = whole(stored, task).attempts;
      if (task.outcome == TaskOutcome::reused && task.made_by) {
        known->origin.model = task.made_by->model;
        known->origin.quality = task.made_by->quality;
      } else if (!attempts.empty()) {
        known->origin.model = attempts.back().model;
        known->origin.quality = attempts.back().quality;
      }
    }
  }
  return known;
}

std::optional<RunId> find_taker(MemoryDisk const& disk, StoredRun const& run, TaskId task,
                                std::int64_t known_until) {
  TaskIdentity const& identity = run.tasks[index(task)].identity;
  std::optional<RunId> maker;
  for (auto latest = disk.runs.rbegin(); latest != disk.runs.rend(); ++latest) {
    StoredRun const& other = **latest;
    if (&other == &run || !other.started || other.head.gateway != run.head.gateway) continue;
    for (TaskRecord const& theirs : other.tasks) {
      if (theirs.identity != identity) continue;
      if (has_money_out(other, theirs)) return other.head.id;
      if (!maker && made_since(other, theirs, known_until)) maker = other.head.id;
    }
  }
  return maker;
}

std::vector<LeftTask> read_left_to_others(MemoryDisk const& disk, StoredRun const& run) {
  std::vector<LeftTask> left;
  for (TaskRecord const& task : run.tasks) {
    // In doubt without money out: left to another by a version that had no word of its own for it.
    bool const left_alone = task.outcome == TaskOutcome::waiting || task.outcome == TaskOutcome::in_doubt;
    if ((task.outcome != TaskOutcome::outstanding && !left_alone) || has_money_out(run, task)) continue;
    auto has_it = find_taker(disk, run, task.id, run.known_until);
    if (left_alone || has_it) left.push_back({.task = task.id, .has_it = std::move(has_it)});
  }
  return left;
}

std::vector<Superseded> read_superseded(MemoryDisk const& disk, StoredRun const& run) {
  std::vector<Superseded> superseded;
  for (TaskRecord const& task : run.tasks) {
    if (task.outcome != TaskOutcome::outstanding || has_money_out(run, task)) continue;
    if (auto by = superseding(disk, run, task)) superseded.push_back({.task = task.id, .by = *std::move(by)});
  }
  return superseded;
}

}  // namespace callsheet::ledger
