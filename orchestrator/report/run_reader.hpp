#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/route.hpp"
#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/task_story.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::report {

/// What a report says of the program that wrote it.
struct Program {
  std::string version;
  std::string command = "callsheet";  ///< as in RunHead
};

/// A run as the ledger remembers it, read once from its first clip to its last. Blocking.
class RunReader {
 public:
  /// `ledger` outlives the reader. Fails with Code::not_found, or ledger_unavailable when what stands there
  /// cannot be read as a plan.
  [[nodiscard]] static Result<RunReader> open(ledger::Ledger& ledger, RunId const& run, Program program);

  [[nodiscard]] RunHead const& head() const { return head_; }
  /// Where the run keeps its clips; absolute.
  [[nodiscard]] std::filesystem::path const& output_dir() const { return output_dir_; }

  [[nodiscard]] ledger::Ledger& ledger() const { return *ledger_; }

  /// Calls `use` for every clip, in the plan's order. Fails like open().
  [[nodiscard]] Result<void> each(std::function<void(ClipLine)> const& use);
  /// One clip; empty when the run has no such task. Fails like open().
  [[nodiscard]] Result<std::optional<ClipLine>> at(TaskId task);
  [[nodiscard]] Result<std::optional<ClipLine>> find(TaskIdentity const& identity);
  /// Everything about the takes of one task, by its name; empty when there is none.
  [[nodiscard]] Result<std::vector<TaskStory>> stories(std::string const& task);
  /// All clips added up.
  [[nodiscard]] Result<ResultModel> add_up();

 private:
  RunReader(ledger::Ledger& ledger, RunHead head) : ledger_{&ledger}, head_{std::move(head)} {}
  [[nodiscard]] Result<ClipLine> clip_of(ledger::TaskRecord task) const;
  [[nodiscard]] tl::unexpected<Error> damaged() const;

  ledger::Ledger* ledger_;
  RunHead head_;
  std::filesystem::path output_dir_;
  std::vector<std::shared_ptr<plan::Route const>> routes_;
  std::map<TaskIdentity, std::string> elements_;  ///< ids of those that are made
};

}  // namespace callsheet::report
