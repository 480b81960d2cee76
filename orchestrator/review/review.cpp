#include "orchestrator/review/review.hpp"

#include <array>
#include <tuple>

#include <fmt/format.h>

namespace callsheet::review {

namespace {

constexpr std::array<std::string_view, 2> ruling_names{"accepted", "rejected"};

auto in_order(Verdict const& verdict) {
  return std::tie(verdict.at, verdict.ruling, verdict.prompt, verdict.note, verdict.by,
                  verdict.clip.run.str(), verdict.clip.sha256.str());
}

std::string said(Verdict const& verdict) {
  return fmt::format("{} by {} at {}", to_string(verdict.ruling),
                     verdict.by.empty() ? "nobody named" : verdict.by, format_rfc3339(verdict.at));
}

/// Whether a retake, or that there is none, hangs on which of them stands.
bool contradict(Verdict const& one, Verdict const& other) {
  return one.ruling != other.ruling || one.prompt != other.prompt || one.note != other.note;
}

}  // namespace

std::string_view to_string(Ruling ruling) {
  return ruling_names[static_cast<std::size_t>(ruling)];
}

std::optional<Ruling> parse_ruling(std::string_view text) {
  for (std::size_t i = 0; i < ruling_names.size(); ++i)
    if (ruling_names[i] == text) return static_cast<Ruling>(i);
  return std::nullopt;
}

std::string to_string(Take const& take) {
  return take.number == 1 ? take.task : fmt::format("{} (take {})", take.task, take.number);
}

Verdict const* Review::of(Take const& take, RunId const& made_by, ContentDigest const& bytes) const {
  auto const found = verdicts.find(take);
  return found == verdicts.end() || !found->second.clip.is_clip(made_by, bytes) ? nullptr : &found->second;
}

Result<Merged> merge(Review& into, Review const& other) {
  if (into.campaign != other.campaign)
    return fail(
        Code::usage,
        fmt::format("that review is of campaign '{}', this one of '{}'", other.campaign, into.campaign),
        "merge reviews of one campaign");
  Merged merged;
  for (auto const& [take, theirs] : other.verdicts) {
    auto const [place, is_new] = into.verdicts.try_emplace(take, theirs);
    Verdict& ours = place->second;
    if (is_new) {
      ++merged.added;
      continue;
    }
    if (ours == theirs) {
      ++merged.same;
      continue;
    }
    bool const newer = in_order(ours) < in_order(theirs);
    if (contradict(ours, theirs))
      merged.conflicts.push_back(fmt::format(
          "{}: {} stands, not {}{}", to_string(take), said(newer ? theirs : ours),
          said(newer ? ours : theirs),
          ours.clip.is_clip(theirs.clip.run, theirs.clip.sha256) ? "" : ", which is of another clip"));
    ++(newer ? merged.replaced : merged.kept);
    if (newer) ours = theirs;
  }
  return merged;
}

}  // namespace callsheet::review
