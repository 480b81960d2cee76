#include "orchestrator/report/result_model.hpp"

#include <algorithm>
#include <map>

namespace callsheet::report {

namespace {

template <class Sum>
void add(Sum& sum, AttemptLine const& attempt) {
  sum.billed += attempt.billed;
  sum.held += attempt.held;
  sum.refund_expected += attempt.refund_expected;
}

void count(Totals& totals, ClipStatus status) {
  ++totals.clips;
  switch (status) {
    case ClipStatus::outstanding:
      ++totals.outstanding;
      break;
    case ClipStatus::made:
      ++totals.made;
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
    case ClipStatus::skipped:
      ++totals.skipped;
      break;
  }
}

}  // namespace

Totals totals_of(std::vector<ClipLine> const& clips) {
  Totals totals;
  for (ClipLine const& clip : clips) {
    count(totals, clip.status);
    totals.attempts += static_cast<int>(clip.attempts.size());
    for (AttemptLine const& attempt : clip.attempts) add(totals, attempt);
  }
  return totals;
}

Spend spend_of(ClipLine const& clip) {
  Spend spend;
  for (AttemptLine const& attempt : clip.attempts) add(spend, attempt);
  return spend;
}

std::vector<ModelTotals> models_of(std::vector<ClipLine> const& clips) {
  std::map<ModelId, ModelTotals> by_model;
  for (ClipLine const& clip : clips) {
    if (clip.status == ClipStatus::made && !clip.model.empty()) ++by_model[clip.model].clips;
    for (AttemptLine const& attempt : clip.attempts) {
      ModelTotals& totals = by_model[attempt.model];
      ++totals.attempts;
      add(totals.spend, attempt);
    }
  }
  std::vector<ModelTotals> list;
  list.reserve(by_model.size());
  for (auto& [model, totals] : by_model) {
    totals.model = model;
    list.push_back(std::move(totals));
  }
  std::stable_sort(list.begin(), list.end(), [](ModelTotals const& a, ModelTotals const& b) {
    return a.spend.billed > b.spend.billed;
  });
  return list;
}

bool is_rehearsal(ResultModel const& model) {
  return model.gateway == "local";
}

}  // namespace callsheet::report
