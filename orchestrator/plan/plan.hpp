#pragma once

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/core/gateway_trust.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/source_location.hpp"
#include "orchestrator/core/threshold.hpp"
#include "orchestrator/core/webhooks.hpp"
#include "orchestrator/plan/route.hpp"
#include "orchestrator/plan/task_choice.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// plan/ turns a campaign and a catalog into tasks with priced routes. It knows no network, clock or ledger.
namespace callsheet::plan {

/// A matrix value of a task, for grouping: {"locale", "de"}.
using Label = std::pair<std::string, std::string>;

/// What elements are made with: before all clips, of which some refer to them. Above what a manifest may say.
inline constexpr int element_priority = 1'000'001;

/// One clip wanted (one take of a task), with everything needed to get it made; or an element that clips
/// refer to (Mode::element), which has no output.
struct PlannedTask {
  TaskIdentity identity;
  /// Of a retake: what the take is in the manifest. Empty: it is none.
  TaskIdentity stands_for{};
  std::string name;
  int take = 1;
  int takes = 1;  ///< of this task
  int priority = 0;
  std::int64_t value = 10'000;  ///< what it is worth beside the others, in 1/10,000
  std::vector<Label> labels;    ///< in the matrix's order
  std::vector<std::string> tags;
  std::optional<Deadline> deadline;  ///< of its own; the campaign's holds too
  GroupSet groups;                   ///< of the terms' budget.groups
  Request request;  ///< at the first quality of the ladder; local pictures carry their digest
  std::vector<Quality> ladder;
  std::shared_ptr<Route const> route;  ///< shared by all tasks that have the same
  std::filesystem::path output;  ///< relative to PlanTerms::output_dir, unique in the plan, never leaves it
  SourceLocation where;          ///< the task in its manifest
  bool over_budget = false;      ///< wanted, and left out because the budget is too small
};

[[nodiscard]] inline bool is_element(PlannedTask const& task) {
  return !makes_clips(task.request.mode);
}

/// What holds for all tasks of a plan.
struct PlanTerms {
  std::string campaign;
  Budget budget;
  Limits limits;
  std::vector<Threshold> thresholds;
  RefusedContent refused_content = RefusedContent::give_up;
  GatewayTrust trust;
  std::optional<Webhooks> webhooks;              ///< empty: tasks are only polled
  std::optional<std::chrono::seconds> patience;  ///< for one task at the gateway; empty: the engine's own
  std::optional<Deadline> deadline;              ///< for all tasks
  bool fresh = false;                            ///< no clip that was made before is taken
  bool retake = false;                           ///< its tasks are those that a review has rejected
  ChoiceWords choice;                            ///< what the tasks were chosen by
  std::filesystem::path output_dir;              ///< absolute
  CreditsPerUsd usd_rate{68};
  std::string catalog_name;       ///< which dated price list, e.g. "evolink 2026-10-10"
  std::vector<std::string> axes;  ///< names that labels of its tasks may have, in the matrix's order
  /// SHA-256 over the tasks' identities, files, models and prices: the same for the same tasks.
  std::string tasks_digest;
  /// SHA-256 over what was chosen to fit the budget; empty: nothing was asked for but everything.
  std::string fit_digest;
  /// SHA-256 over what that choice was made from: priorities, values, coverage. Not what was made before.
  std::string fit_question;
};

/// A plan small enough to be looked at whole.
struct Plan {
  PlanTerms terms;
  std::vector<PlannedTask> tasks;
};

}  // namespace callsheet::plan
