#include "orchestrator/cli/review_lines.hpp"

#include "orchestrator/cli/version.hpp"

#include <map>
#include <set>
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

namespace {

/// Runs that are asked for clips, each opened once.
class OtherRuns {
 public:
  explicit OtherRuns(report::RunReader const& run) : run_{run} {}

  /// Empty: that clip is not at hand.
  Result<std::optional<ReviewLine>> line_of(review::Take const& take, review::Seen const& seen) {
    auto const other = open(seen.run);
    if (!other) return fail(other.error());
    if (*other == nullptr) return std::nullopt;
    auto clip = (*other)->find(seen.identity);
    if (!clip) return fail(clip.error());
    if (!*clip || !(*clip)->file || (*clip)->file->sha256 != seen.sha256) return std::nullopt;
    ReviewLine line{.clip = **std::move(clip), .made_by = seen.run};
    line.clip.task = take.task;
    line.clip.file->path = ((*other)->output_dir() / line.clip.file->path)
                               .lexically_relative(run_.output_dir())
                               .generic_string();
    return line;
  }

 private:
  /// Null: there is no such run at this gateway.
  Result<report::RunReader*> open(RunId const& id) {
    if (auto const known = runs_.find(id); known != runs_.end())
      return known->second ? &*known->second : nullptr;
    auto reader = report::RunReader::open(run_.ledger(), id, {.version = version});
    if (!reader && reader.error().code != Code::not_found) return fail(reader.error());
    auto& place = runs_[id];
    if (reader && reader->head().gateway == run_.head().gateway) place = *std::move(reader);
    return place ? &*place : nullptr;
  }

  report::RunReader const& run_;
  std::map<RunId, std::optional<report::RunReader>> runs_;
};

}  // namespace

Result<std::vector<ReviewLine>> kept_lines(report::RunReader const& run, std::vector<ReviewLine> const& lines,
                                           review::Review const& review) {
  std::vector<ReviewLine> kept;
  if (!run.head().retake) return kept;
  std::set<review::Take> own;
  for (ReviewLine const& line : lines) own.insert(line.take());
  OtherRuns others{run};
  for (auto const& [take, verdict] : review.verdicts) {
    if (verdict.ruling != review::Ruling::accepted || own.contains(take)) continue;
    auto line = others.line_of(take, verdict.clip);
    if (!line) return fail(line.error());
    if (*line) kept.push_back(**std::move(line));
  }
  return kept;
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
