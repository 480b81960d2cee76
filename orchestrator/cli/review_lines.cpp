#include "orchestrator/cli/review_lines.hpp"

#include <utility>

namespace callsheet::cli {

Result<std::vector<ReviewLine>> review_lines(report::RunReader& run) {
  std::vector<ReviewLine> lines;
  auto const read = run.each([&](report::ClipLine clip) {
    if (clip.file && !clip.file->sha256.empty() && !report::is_element(clip))
      lines.push_back({.clip = clip, .made_by = clip.made_by.empty() ? run.head().run : clip.made_by});
  });
  if (!read) return fail(read.error());
  return lines;
}

ReviewSums sums_of(std::vector<ReviewLine> const& lines, review::Review const& review) {
  ReviewSums sums;
  for (ReviewLine const& line : lines) {
    review::Verdict const* const verdict = line.verdict(review);
    if (verdict == nullptr) {
      ++sums.undecided;
    } else if (verdict->ruling == review::Ruling::accepted) {
      ++sums.accepted;
    } else {
      ++sums.rejected;
      sums.retake += line.clip.price;
    }
  }
  return sums;
}

}  // namespace callsheet::cli
