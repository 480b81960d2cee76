#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/retake_list.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// What a retake buys, as `plan` shows clips, with what becomes of each prompt: seen before the money is
/// spent.
class RetakeTable {
 public:
  /// `list` outlives it.
  explicit RetakeTable(RetakeList const& list) : list_{list} {}

  /// One that is bought; with elements that are made for it before it.
  void add(plan::PlannedTask const& task) { tasks_.push_back(task); }

  /// A line each, of more than `most` only so many; empty: nothing is bought.
  [[nodiscard]] std::string text(CreditsPerUsd rate, std::size_t most) const;
  /// The sum of it, and what stays as it is.
  [[nodiscard]] std::string totals(plan::PlanTerms const& terms) const;
  /// As `plan --json` shows the same tasks; with what each was made from, and what is left alone and why.
  [[nodiscard]] nlohmann::json json(plan::PlanTerms const& terms, std::string const& gateway,
                                    Manifests const& manifests) const;

 private:
  [[nodiscard]] std::string prompt_of(plan::PlannedTask const& task) const;
  [[nodiscard]] PlanSums sums() const;

  RetakeList const& list_;
  std::vector<plan::PlannedTask> tasks_;
};

}  // namespace callsheet::cli
