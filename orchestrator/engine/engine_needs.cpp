// Tasks that refer to what others make: they wait for it, and end with it where it is not made.

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/engine/engine.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace callsheet::engine {

namespace {

/// A doubt may be settled, and what is outstanding, here or in another run, may be made.
bool may_come(TaskOutcome outcome) {
  return outcome == TaskOutcome::in_doubt || outcome == TaskOutcome::outstanding ||
         outcome == TaskOutcome::waiting;
}

/// `needed`: what people call it.
std::string why_unmet(std::string const& needed, TaskOutcome outcome, std::string const& why) {
  // Late is late: who counts what a deadline left out, and what the budget did, goes by the first words.
  if (why.starts_with(past_deadline)) return fmt::format("{}: {} was not made by then", why, needed);
  std::string_view const stands = outcome == TaskOutcome::in_doubt ? "may have been made, which is in doubt"
                                  : may_come(outcome)              ? "is not made yet"
                                                                   : "was not made";
  return fmt::format("{} {}: {}", needed, stands, why.empty() ? to_string(outcome) : why);
}

}  // namespace

void Engine::ended_before(TaskId needed, TaskOutcome outcome, std::string why) {
  fates_[needed] = {outcome, std::move(why)};
}

std::string Engine::name_of_needed(TaskId needed) const {
  auto const name = names_of_needed_.find(needed);
  return name == names_of_needed_.end() ? "what it needs" : name->second;
}

/// Leaves a task that waits, or has ended over a need that is not met, in no queue.
Engine::Needs Engine::look_at_needs(Slot slot) {
  Task& task = tasks_[slot];
  std::vector<TaskId>& needs = needs_.at(task.id);
  while (!needs.empty()) {
    TaskId const need = needs.back();
    auto const fate = fates_.find(need);
    if (fate == fates_.end()) {
      become(task, Phase::waiting_for_need);
      waiting_for_need_[need].push_back(task.id);
      return Needs::awaited;
    }
    TaskOutcome const outcome = fate->second.outcome;
    if (outcome != TaskOutcome::made && outcome != TaskOutcome::reused) {
      if (stop_ && outcome != TaskOutcome::failed) {
        finish(slot, stop_->outcome, stop_->why);
        return Needs::unmet;
      }
      finish(slot, may_come(outcome) ? TaskOutcome::outstanding : outcome,
             why_unmet(name_of_needed(need), outcome, fate->second.why));
      return Needs::unmet;
    }
    needs.pop_back();
  }
  needs_.erase(task.id);
  task.has_needs = false;
  return Needs::met;
}

/// A needed task has ended.
void Engine::tell_waiting(TaskId needed) {
  auto const waiting = waiting_for_need_.extract(needed);
  if (waiting.empty()) return;
  for (TaskId const id : waiting.mapped()) {
    // Some may have ended meanwhile: a stop leaves nothing waiting.
    std::optional<Slot> const slot = find(id);
    if (slot && tasks_[*slot].phase == Phase::waiting_for_need) enqueue(*slot);
  }
}

}  // namespace callsheet::engine
