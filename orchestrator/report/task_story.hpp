#pragma once

#include "orchestrator/ledger/record.hpp"
#include "orchestrator/plan/route.hpp"
#include "orchestrator/report/result_model.hpp"

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::report {

/// All that is known of one clip: what was asked for, where it might have gone, what was done, and every
/// credit that moved.
struct TaskStory {
  ClipLine clip;
  std::shared_ptr<plan::Route const> route;
  std::vector<ledger::Entry> entries;  ///< oldest first
};

/// One thing that happened to a clip.
struct Happening {
  TimePoint at;
  AttemptKey attempt;
  std::string what;
};
/// What happened, in its order: choices with their reasons, answers, movements of money.
[[nodiscard]] std::vector<Happening> happenings(TaskStory const& story);

/// A line of the ledger.
[[nodiscard]] nlohmann::json entry_json(ledger::Entry const& entry);

/// For a terminal; foreign text is made harmless.
[[nodiscard]] std::string story_text(RunHead const& head, TaskStory const& story);
[[nodiscard]] nlohmann::json story_json(RunHead const& head, TaskStory const& story);

}  // namespace callsheet::report
