#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/review/review.hpp"

#include <vector>

namespace callsheet::cli {

/// A clip of a run that can be looked at.
struct ReviewLine {
  report::ClipLine clip;
  RunId made_by;
  [[nodiscard]] review::Take take() const { return {.task = clip.task, .number = clip.take}; }
  [[nodiscard]] review::Seen seen() const {
    return {.run = made_by, .identity = clip.identity, .sha256 = clip.file->sha256};
  }
  /// What was said of this very clip; null: nothing.
  [[nodiscard]] review::Verdict const* verdict(review::Review const& review) const {
    return review.of(take(), made_by, clip.file->sha256);
  }
  [[nodiscard]] bool has_shots() const { return !clip.request.shots.empty(); }
};

/// Every clip of the run that came, as ordered or not; of clips kept by an older version, whose digest is not
/// known, no verdict can be given. Fails when the ledger does.
[[nodiscard]] Result<std::vector<ReviewLine>> review_lines(report::RunReader& run);

/// Of a retake: the clips that the review has accepted of takes that it did not make, where they are now.
/// They are there to be looked at beside its own; what is said of them is said in the run that made them. Of
/// other runs: none. Fails when the ledger does.
[[nodiscard]] Result<std::vector<ReviewLine>> kept_lines(report::RunReader const& run,
                                                         std::vector<ReviewLine> const& lines,
                                                         review::Review const& review);

/// How a review stands beside the clips of a run.
struct ReviewSums {
  int accepted = 0, rejected = 0, undecided = 0;
  Credits retake;  ///< price of the rejected ones, as they were planned
};
[[nodiscard]] ReviewSums sums_of(std::vector<ReviewLine> const& lines, review::Review const& review);

}  // namespace callsheet::cli
