#include "orchestrator/report/replaced_run.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <functional>

namespace callsheet::report {

namespace {

/// Whether any of those that were begun in its place is as `is_such` says.
Result<bool> is_replaced_by(ledger::Ledger& ledger, RunId const& run,
                            std::function<bool(plan::PlanTerms const& later)> const& is_such) {
  auto const record = ledger.run(run);
  if (!record) return fail(record.error());
  auto const own = plan::decode_terms(record->settings);
  if (!own || own->retake) return false;
  auto const settings = ledger.later_settings(run);
  if (!settings) return fail(settings.error());
  for (std::string const& text : *settings) {
    auto const later = plan::decode_terms(text);
    bool const is_whole = later && !later->retake && later->choice == plan::ChoiceWords{};
    if (is_whole && is_such(*later)) return true;
  }
  return false;
}

}  // namespace

Result<bool> is_replaced(ledger::Ledger& ledger, RunId const& run) {
  return is_replaced_by(ledger, run, [](plan::PlanTerms const& /*later*/) { return true; });
}

Result<std::filesystem::path> report_folder(ledger::Ledger& ledger, RunId const& run,
                                            std::filesystem::path const& output_dir) {
  auto const replaced = is_replaced_by(
      ledger, run, [&](plan::PlanTerms const& later) { return later.output_dir == output_dir; });
  if (!replaced) return fail(replaced.error());
  return *replaced ? output_dir / run.str() : output_dir;
}

}  // namespace callsheet::report
