#include "orchestrator/cli/superseded_takes.hpp"

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// Elements that only withdrawn clips would have shown.
Result<void> withdraw_elements(ledger::Ledger& ledger, ledger::RunSummary const& run, RunId const& by,
                               TimePoint now) {
  if (run.clips().outstanding > 0 || run.elements.outstanding == 0) return {};
  std::vector<ledger::Record> const rest{ledger::RestEnded{
      .outcome = TaskOutcome::skipped,
      .why = fmt::format("{}the clips that show it are made by run {}", withdrawn, by.str()),
      .at = now}};
  auto const done = ledger.commit(run.id, rest);
  return done ? Result<void>{} : fail(done.error());
}

}  // namespace

Result<bool> withdraw_superseded(ledger::Ledger& ledger, ledger::RunSummary const& run, TimePoint now) {
  auto const superseded = ledger.superseded(run.id);
  if (!superseded) return fail(superseded.error());
  if (superseded->empty()) return false;
  // One by one: the rest may be wanted, and a task with a failed attempt has an outcome to be ended, too.
  std::vector<ledger::Record> ended;
  ended.reserve(superseded->size());
  for (ledger::Superseded const& one : *superseded)
    ended.emplace_back(
        ledger::TaskEnded{.task = one.task,
                          .outcome = TaskOutcome::skipped,
                          .why = fmt::format("{}run {} makes this take anew", withdrawn, one.by.str()),
                          .at = now});
  if (auto const done = ledger.commit(run.id, ended); !done) return fail(done.error());
  RunId const& by = superseded->back().by;
  say(fmt::format("run {}: {} withdrawn, which run {} makes anew\n", run.id.str(),
                  count_of(static_cast<std::int64_t>(superseded->size()), "clip"), by.str()));
  auto left = ledger.summary(run.id);
  if (!left) return fail(left.error());
  if (auto done = withdraw_elements(ledger, *left, by, now); !done) return fail(done.error());
  left = ledger.summary(run.id);
  if (!left) return fail(left.error());
  if (left->outstanding == 0 && left->balance.held == Credits{})
    if (auto done = end_run(ledger, run.id, run::Ending::finished, now); !done) return fail(done.error());
  return true;
}

Result<void> withdraw_older(ledger::Ledger& ledger, RunId const& by, TimePoint now) {
  constexpr int looked_at = 100;
  auto const own = ledger.summary(by);
  if (!own) return fail(own.error());
  auto const runs = ledger.runs(looked_at);
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs) {
    if (run.id == by || run.outstanding == 0 || run.campaign != own->campaign || run.gateway != own->gateway)
      continue;
    if (auto const done = withdraw_superseded(ledger, run, now); !done) return fail(done.error());
  }
  return {};
}

}  // namespace callsheet::cli
