#include "orchestrator/report/result_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

constexpr std::size_t names_shown = 24;
constexpr std::size_t reasons_shown = 100;
constexpr char const* other_reasons = "Other reasons: report.csv has them all.";

template <class Sum, class Part>
void add_money(Sum& sum, Part const& part) {
  sum.billed += part.billed;
  sum.held += part.held;
  sum.refund_expected += part.refund_expected;
}

/// Of clips, or of elements.
template <class Sums>
void count(Sums& totals, ClipStatus status) {
  switch (status) {
    case ClipStatus::outstanding:
      ++totals.outstanding;
      break;
    case ClipStatus::made:
      ++totals.made;
      break;
    case ClipStatus::mismatched:
      // Elements are not measured.
      if constexpr (requires { totals.mismatched; }) ++totals.mismatched;
      break;
    case ClipStatus::reused:
      ++totals.reused;
      break;
    case ClipStatus::failed:
      ++totals.failed;
      break;
    case ClipStatus::in_doubt:
      ++totals.in_doubt;
      break;
    case ClipStatus::waiting:
      ++totals.waiting;
      break;
    case ClipStatus::skipped:
      ++totals.skipped;
      break;
  }
}

/// A clip that came other than ordered is told of in every run that takes it, until it is bought anew.
bool is_problem(ClipLine const& clip) {
  if (clip.status == ClipStatus::reused) return clip.why.find(not_as_ordered) != std::string::npos;
  return clip.status != ClipStatus::made;
}

/// Most urgent first.
int urgency(ClipStatus status) {
  constexpr std::array order{ClipStatus::in_doubt, ClipStatus::mismatched, ClipStatus::failed,
                             ClipStatus::skipped,  ClipStatus::waiting,    ClipStatus::outstanding,
                             ClipStatus::reused};
  return static_cast<int>(std::find(order.begin(), order.end(), status) - order.begin());
}

Tally tally_of(Totals const& totals) {
  return {.tasks = totals.clips,
          .made = totals.made,
          .mismatched = totals.mismatched,
          .failed = totals.failed,
          .in_doubt = totals.in_doubt,
          .skipped = totals.skipped,
          .attempts = totals.taken,
          .spent = totals.billed + totals.refund_expected};
}

}  // namespace

Spend spend_of(ClipLine const& clip) {
  Spend spend;
  for (AttemptLine const& attempt : clip.attempts) add_money(spend, attempt);
  return spend;
}

bool is_rehearsal(RunHead const& head) {
  return head.gateway == "local";
}

bool keeps_thresholds(ResultModel const& model) {
  return std::all_of(model.thresholds.begin(), model.thresholds.end(),
                     [](ThresholdLine const& one) { return one.kept; });
}

void ResultBuilder::add(ClipLine clip) {
  Totals& totals = model_.totals;
  bool const element = is_element(clip);
  if (element) {
    ++totals.elements.elements;
    count(totals.elements, clip.status);
  } else {
    ++totals.clips;
    count(totals, clip.status);
    totals.withdrawn += clip.status == ClipStatus::skipped && clip.why.starts_with(withdrawn) ? 1 : 0;
  }
  Spend const spend = spend_of(clip);
  add_money(totals, spend);
  totals.attempts += static_cast<int>(clip.attempts.size());
  bool const came = clip.status == ClipStatus::made || clip.status == ClipStatus::mismatched;
  if (!element && came && !clip.model.empty()) ++by_model_[clip.model].clips;
  for (AttemptLine const& attempt : clip.attempts) {
    totals.taken += !element && attempt.state != AttemptState::refused ? 1 : 0;
    ModelTotals& model = by_model_[attempt.model];
    ++model.attempts;
    add_money(model.spend, attempt);
  }
  if (is_problem(clip)) add_problem(clip, spend);
  if (element) return model_.elements.push_back(std::move(clip));
  if (shown_[clip.status]++ < shown_of_a_status) model_.clips.push_back(std::move(clip));
}

void ResultBuilder::add_problem(ClipLine const& clip, Spend const& spend) {
  std::vector<Problem>& problems = model_.problems;
  auto const with_reason = [&](std::string const& why, std::string const& mend) {
    return std::find_if(problems.begin(), problems.end(), [&](Problem const& problem) {
      return problem.elements == is_element(clip) && problem.status == clip.status && problem.why == why &&
             problem.mend == mend;
    });
  };
  auto found = with_reason(clip.why, clip.mend);
  if (found == problems.end()) {
    bool const room = problems.size() < reasons_shown;
    std::string const why = room ? clip.why : other_reasons;
    std::string const mend = room ? clip.mend : "";
    found = with_reason(why, mend);
    if (found == problems.end())
      found = problems.insert(found, {.status = clip.status,
                                      .why = why,
                                      .mend = mend,
                                      .clips = 0,
                                      .names = {},
                                      .spend = {},
                                      .elements = is_element(clip)});
  }
  ++found->clips;
  if (found->names.size() < names_shown)
    found->names.push_back(is_element(clip) ? clip.task : fmt::format("{} · take {}", clip.task, clip.take));
  add_money(found->spend, spend);
}

ResultModel ResultBuilder::finish() && {
  for (auto& [model, totals] : by_model_) {
    totals.model = model;
    model_.models.push_back(std::move(totals));
  }
  std::stable_sort(
      model_.models.begin(), model_.models.end(),
      [](ModelTotals const& a, ModelTotals const& b) { return a.spend.billed > b.spend.billed; });
  std::stable_sort(model_.problems.begin(), model_.problems.end(),
                   [](Problem const& a, Problem const& b) { return urgency(a.status) < urgency(b.status); });
  Tally const tally = tally_of(model_.totals);
  for (Threshold const& threshold : model_.head.thresholds)
    model_.thresholds.push_back({.text = threshold.text,
                                 .value = value_text(tally, threshold.metric),
                                 .kept = keeps(tally, threshold)});
  return std::move(model_);
}

}  // namespace callsheet::report
