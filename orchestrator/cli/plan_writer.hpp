#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <functional>
#include <string>
#include <vector>

namespace callsheet::cli {

/// Writes a plan into the ledger while it is made, task by task, as a run that has not started. What is
/// already made is noted beside the task, so that starting the run only has to link it.
class PlanWriter {
 public:
  PlanWriter(ledger::Ledger& ledger, ledger::NewRun run, Reusing const& reusing = {});

  /// Fails when the ledger does.
  [[nodiscard]] Result<void> begin();
  /// The sink for plan_script(). A failure is kept for finish().
  void take(plan::PlannedTask&& task, std::size_t route);
  [[nodiscard]] Result<void> finish();

  /// What is told of each task that has to be bought.
  std::function<void(plan::PlannedTask const&)> on_buy = {};

  [[nodiscard]] PlanSums const& sums() const { return sums_; }

 private:
  [[nodiscard]] Result<void> tell_what_it_was_made_from(plan::PlannedTask& task, Reuse const& reuse);
  [[nodiscard]] Result<void> write_page();

  ledger::Ledger& ledger_;
  ledger::NewRun run_;
  Reusing reusing_;
  std::vector<plan::PlannedTask> page_;
  std::vector<std::uint32_t> page_routes_;
  std::vector<std::string> new_routes_;
  std::size_t routes_ = 0;
  PlanSums sums_;
  Result<void> outcome_;
};

/// Links the reused clips of a run that has started into its output folder. Fails with Code::file_system, or
/// when the ledger does.
[[nodiscard]] Result<void> link_reused(ledger::Ledger& ledger, RunId const& run,
                                       std::filesystem::path const& output_dir);

}  // namespace callsheet::cli
