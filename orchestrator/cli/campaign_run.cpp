#include "orchestrator/cli/campaign_run.hpp"

#include "orchestrator/cli/log.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/collect.hpp"
#include "orchestrator/report/text_summary.hpp"
#include "orchestrator/run/clip_store.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

ExitCode exit_code_of(report::Totals const& totals) {
  if (totals.in_doubt > 0) return ExitCode::in_doubt;
  if (totals.outstanding > 0) return ExitCode::outstanding;
  if (totals.failed > 0) return ExitCode::failed;
  return totals.skipped > 0 ? ExitCode::budget_bound : ExitCode::done;
}

RunStatus status_of(ledger::RunSummary const& run) {
  if (run.outstanding > 0) return RunStatus::interrupted;
  return run.skipped > 0 ? RunStatus::stopped_by_budget : RunStatus::completed;
}

/// The ledger's word on how the run ended, from what became of its tasks.
Result<void> end_run(ledger::Ledger& ledger, RunId const& id, TimePoint now) {
  auto const run = ledger.summary(id);
  if (!run) return fail(run.error());
  std::vector<ledger::Record> const ended{ledger::RunEnded{.status = status_of(*run), .at = now}};
  auto const receipts = ledger.commit(id, ended);
  if (!receipts) return fail(receipts.error());
  return {};
}

Result<engine::Settings> settings_for(Session const& session, ledger::Ledger& ledger, plan::Plan const& plan,
                                      RunFlags const& flags) {
  engine::Settings settings;
  settings.limits = plan.limits;
  settings.budget = plan.budget;
  if (flags.in_flight) settings.limits.in_flight = *flags.in_flight;
  tune(settings, session.choice());
  auto const seen = ledger.idempotency_seen(session.choice().profile.name);
  if (!seen) return fail(seen.error());
  if (*seen || session.idempotency_seen()) settings.idempotency = engine::Idempotency::honoured;
  return settings;
}

}  // namespace

Result<StoredRun> read_back(ledger::Ledger& ledger, RunId const& id) {
  auto record = ledger.run(id);
  if (!record) return fail(record.error());
  auto const damaged = [&] {
    return fail(Code::ledger_unavailable,
                fmt::format("run '{}' cannot be read back from the ledger", id.str()),
                "it may come from another version of callsheet");
  };
  auto plan = plan::decode_settings(record->settings);
  if (!plan) return damaged();
  StoredRun run{.id = id, .plan = *std::move(plan), .past = {}};
  for (std::size_t i = 0; i < record->tasks.size(); ++i) {
    ledger::TaskRecord const& task = record->tasks[i];
    auto planned = plan::decode_task(task.spec);
    if (!planned) return damaged();
    run.plan.tasks.push_back(*std::move(planned));
    run.past.outcomes.push_back(task.outcome);
    if (task.clip) run.past.clips[TaskId{static_cast<std::uint32_t>(i)}] = *task.clip;
  }
  run.past.attempts = std::move(record->attempts);
  return run;
}

Result<void> take_over_clips(ledger::Ledger& ledger, std::string const& gateway, StoredRun& run,
                             TimePoint now) {
  auto const reuse = find_reuse(ledger, gateway, run.plan);
  if (!reuse) return fail(reuse.error());
  std::vector<bool> has_money(run.plan.tasks.size(), false);
  for (ledger::AttemptRecord const& attempt : run.past.attempts)
    if (attempt.state != AttemptState::refused && attempt.state != AttemptState::failed)
      has_money[index(attempt.key.task)] = true;
  std::vector<ledger::Record> records;
  for (std::size_t i = 0; i < run.plan.tasks.size(); ++i) {
    Reuse const& known = (*reuse)[i];
    TaskId const id{static_cast<std::uint32_t>(i)};
    if (run.past.outcomes[i] != TaskOutcome::outstanding || has_money[i] || known.clip.origin.run == run.id)
      continue;
    if (known.known == Known::made) {
      auto clip = run::link_clip(*known.clip.clip, run.plan.output_dir / run.plan.tasks[i].output);
      if (!clip) return fail(clip.error());
      records.emplace_back(ledger::ClipStored{.task = id, .clip = *std::move(clip)});
      run.past.outcomes[i] = TaskOutcome::reused;
    } else if (known.known == Known::outstanding) {
      run.past.outcomes[i] = TaskOutcome::in_doubt;
    } else {
      continue;
    }
    std::string why = fmt::format("run {} has made this clip, or paid for it", known.clip.origin.run.str());
    records.emplace_back(
        ledger::TaskEnded{.task = id, .outcome = run.past.outcomes[i], .why = std::move(why), .at = now});
  }
  if (records.empty()) return {};
  auto const done = ledger.commit(run.id, records);
  if (!done) return fail(done.error());
  return {};
}

ExitCode carry_out(Session& session, ledger::Ledger& ledger, StoredRun run, RunFlags const& flags,
                   Session::Mode mode) {
  auto settings = settings_for(session, ledger, run.plan, flags);
  if (!settings) return refuse(settings.error());
  std::unique_ptr<Progress> progress = make_progress(run.plan, session.clock().now());
  if (!flags.log.empty()) {
    auto logged = with_log(std::move(progress), flags.log, run.plan);
    if (!logged) return refuse(logged.error());
    progress = *std::move(logged);
  }
  auto const ending =
      session.drive(ledger, run.id, run.plan, std::move(run.past), *std::move(settings), *progress, mode);
  if (!ending) {
    show(ending.error());
    say(fmt::format("what was recorded before is safe; `callsheet resume {}` goes on when that is mended\n",
                    run.id.str()));
    return ExitCode::outstanding;
  }
  if (auto const ended = end_run(ledger, run.id, session.clock().now()); !ended) return refuse(ended.error());
  ExitCode const code = conclude(ledger, run.id);
  return *ending == run::Ending::abandoned ? ExitCode::interrupted_twice : code;
}

ExitCode conclude(ledger::Ledger& ledger, RunId const& id) {
  auto const record = ledger.run(id);
  if (!record) return refuse(record.error());
  auto const model = report::collect(*record, version);
  if (!model) return refuse(model.error());
  auto const output_dir = output_dir_of(record->settings);
  if (!output_dir) return refuse(output_dir.error());
  say(report::text_summary(*model));
  auto const files = write_reports(*model, *output_dir, *output_dir);
  if (!files) {
    show(files.error());
    return ExitCode::outstanding;
  }
  print(files->html.string() + "\n");
  return exit_code_of(report::totals_of(model->clips));
}

}  // namespace callsheet::cli
