#include "orchestrator/cli/superseded_takes.hpp"

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/review_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

ledger::Record skipped(TaskId task, std::string const& why, TimePoint now) {
  return ledger::TaskEnded{
      .task = task, .outcome = TaskOutcome::skipped, .why = fmt::format("{}{}", withdrawn, why), .at = now};
}

/// No attempt of it has cost anything, or may have.
bool has_no_money_out(ledger::TaskRecord const& task) {
  return std::all_of(task.attempts.begin(), task.attempts.end(), [](ledger::AttemptRecord const& attempt) {
    return attempt.state == AttemptState::refused || attempt.state == AttemptState::failed;
  });
}

/// Elements that only withdrawn clips would have shown. One by one, as below.
Result<void> withdraw_elements(ledger::Ledger& ledger, ledger::RunSummary const& run, TimePoint now) {
  ledger::TaskCounts const clips = run.clips();
  if (clips.outstanding + clips.waiting > 0 || run.elements.outstanding == 0) return {};
  std::vector<ledger::Record> ended;
  auto const looked =
      ledger::for_each_task(ledger, run.id, [&](ledger::TaskRecord const& task) -> Result<void> {
        if (task.element && task.outcome == TaskOutcome::outstanding && has_no_money_out(task))
          ended.push_back(skipped(task.id, "no clip that shows it is made here any more", now));
        return {};
      });
  if (!looked) return fail(looked.error());
  auto const done = ledger.commit(run.id, ended);
  return done ? Result<void>{} : fail(done.error());
}

/// One by one: the rest may be wanted, and a task with a failed attempt has an outcome to be ended, too.
Result<void> withdraw(ledger::Ledger& ledger, RunId const& run, std::vector<ledger::Record> const& skipped,
                      TimePoint now) {
  if (auto const done = ledger.commit(run, skipped); !done) return fail(done.error());
  auto left = ledger.summary(run);
  if (!left) return fail(left.error());
  if (auto done = withdraw_elements(ledger, *left, now); !done) return done;
  left = ledger.summary(run);
  if (!left) return fail(left.error());
  if (left->outstanding > 0 || left->balance.held != Credits{}) return {};
  return end_run(ledger, run, run::Ending::finished, now);
}

}  // namespace

Result<bool> withdraw_superseded(ledger::Ledger& ledger, ledger::RunSummary const& run, TimePoint now) {
  auto const superseded = ledger.superseded(run.id);
  if (!superseded) return fail(superseded.error());
  if (superseded->empty()) return false;
  std::vector<ledger::Record> ended;
  ended.reserve(superseded->size());
  for (ledger::Superseded const& one : *superseded)
    ended.push_back(skipped(one.task, fmt::format("run {} makes this take anew", one.by.str()), now));
  if (auto const done = withdraw(ledger, run.id, ended, now); !done) return fail(done.error());
  say(fmt::format("run {}: {} withdrawn, which run {} makes anew\n", run.id.str(),
                  count_of(static_cast<std::int64_t>(superseded->size()), "clip"),
                  superseded->back().by.str()));
  return true;
}

Result<bool> withdraw_accepted(ledger::Ledger& ledger, ledger::RunSummary const& run, TimePoint now) {
  auto const record = ledger.run(run.id);
  if (!record) return fail(record.error());
  auto const terms = plan::decode_terms(record->settings);
  if (!terms || !terms->fresh) return false;
  auto const review = ReviewFile{ReviewFile::beside_report(terms->output_dir), ""}.read();
  if (!review) return fail(review.error().front());
  std::set<review::Take> accepted;
  if (review->campaign == terms->campaign)
    for (auto const& [take, verdict] : review->verdicts)
      if (verdict.ruling == review::Ruling::accepted) accepted.insert(take);
  if (accepted.empty()) return false;
  std::vector<ledger::Record> ended;
  auto const looked =
      ledger::for_each_task(ledger, run.id, [&](ledger::TaskRecord const& task) -> Result<void> {
        if (task.outcome == TaskOutcome::outstanding && !task.element && has_no_money_out(task) &&
            accepted.contains({.task = task.name, .number = task.take}))
          ended.push_back(skipped(task.id, "its clip has been accepted since", now));
        return {};
      });
  if (!looked) return fail(looked.error());
  if (ended.empty()) return false;
  if (auto const done = withdraw(ledger, run.id, ended, now); !done) return fail(done.error());
  say(fmt::format("run {}: {} withdrawn, which the review has accepted since\n", run.id.str(),
                  count_of(static_cast<std::int64_t>(ended.size()), "clip")));
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
