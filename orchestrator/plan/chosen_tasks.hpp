#pragma once

#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/complaints.hpp"
#include "orchestrator/plan/task_choice.hpp"

#include <set>
#include <string>

namespace callsheet::plan {

/// Which of the campaign's tasks were chosen, and whether every word of the choice fits some of them. Refers
/// to the choice.
class ChosenTasks {
 public:
  explicit ChosenTasks(TaskChoice const& choice) : choice_{choice} {}

  /// By tags and name. Each task is to be asked about: what the choice's words fit is learned on the way.
  [[nodiscard]] bool takes(manifest::ExpandedTask const& task);

  /// A sample is drawn of all that may be in it before any is looked up.
  void draw(manifest::ExpandedTask const& task);
  /// True for all where no sample is asked for.
  [[nodiscard]] bool is_in_sample(manifest::ExpandedTask const& task) const;

  enum class Left { none, some };
  /// Words that fit no task, and a choice that leaves none. Call after the last task.
  void check(Left left, Complaints& complaints) const;

 private:
  TaskChoice const& choice_;
  std::set<std::string> tags_;      ///< of all tasks, where some are chosen
  std::set<std::string> named_by_;  ///< globs of the choice that a task's name matches
  std::set<std::string> sample_;    ///< digests of names
};

}  // namespace callsheet::plan
