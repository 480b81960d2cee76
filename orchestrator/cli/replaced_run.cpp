#include "orchestrator/cli/replaced_run.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <optional>

namespace callsheet::cli {

namespace {

Result<std::optional<plan::PlanTerms>> terms_of(ledger::Ledger& ledger, RunId const& id) {
  auto const record = ledger.run(id);
  if (!record) return fail(record.error());
  return plan::decode_terms(record->settings);
}

}  // namespace

Result<bool> is_replaced(ledger::Ledger& ledger, ledger::RunSummary const& run,
                         std::vector<ledger::RunSummary> const& newest_first) {
  for (ledger::RunSummary const& later : newest_first) {
    if (later.id == run.id) break;
    if (later.campaign != run.campaign || later.gateway != run.gateway) continue;
    auto const theirs = terms_of(ledger, later.id);
    if (!theirs) return fail(theirs.error());
    if (!*theirs || (*theirs)->retake || (*theirs)->choice != plan::ChoiceWords{}) continue;
    auto const own = terms_of(ledger, run.id);
    if (!own) return fail(own.error());
    return *own && !(*own)->retake;
  }
  return false;
}

Result<std::filesystem::path> report_folder(ledger::Ledger& ledger, RunId const& run,
                                            std::filesystem::path const& output_dir) {
  constexpr int looked_at = 1000;
  auto const summary = ledger.summary(run);
  if (!summary) return fail(summary.error());
  auto const runs = ledger.runs(looked_at);
  if (!runs) return fail(runs.error());
  auto const replaced = is_replaced(ledger, *summary, *runs);
  if (!replaced) return fail(replaced.error());
  return *replaced ? output_dir / run.str() : output_dir;
}

}  // namespace callsheet::cli
