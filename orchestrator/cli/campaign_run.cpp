#include "orchestrator/cli/campaign_run.hpp"

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/events.hpp"
#include "orchestrator/cli/github.hpp"
#include "orchestrator/cli/log.hpp"
#include "orchestrator/cli/metrics.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/sidecar_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/media/clip_look.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/text_summary.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <map>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// Money first, then work, then what the manifest demands, then what the tasks came to.
ExitCode exit_code_of(report::ResultModel const& model) {
  report::Totals const& totals = model.totals;
  if (totals.in_doubt + totals.elements.in_doubt > 0) return ExitCode::in_doubt;
  if (totals.outstanding + totals.elements.outstanding > 0) return ExitCode::outstanding;
  if (!report::keeps_thresholds(model) || model.head.status == RunStatus::stopped_by_threshold)
    return ExitCode::threshold;
  if (totals.failed + totals.mismatched > 0) return ExitCode::failed;
  return totals.skipped > 0 ? ExitCode::budget_bound : ExitCode::done;
}

RunStatus status_of(ledger::RunSummary const& run, run::Ending ending) {
  if (run.outstanding > 0) return RunStatus::interrupted;
  if (ending == run::Ending::breached) return RunStatus::stopped_by_threshold;
  if (run.skipped > run.late) return RunStatus::stopped_by_budget;
  return run.late > 0 ? RunStatus::stopped_by_deadline : RunStatus::completed;
}

/// The ledger's word on how the run ended, from what became of its tasks.
Result<void> end_run(ledger::Ledger& ledger, RunId const& id, run::Ending ending, TimePoint now) {
  auto const run = ledger.summary(id);
  if (!run) return fail(run.error());
  std::vector<ledger::Record> const ended{ledger::RunEnded{.status = status_of(*run, ending), .at = now}};
  auto const receipts = ledger.commit(id, ended);
  if (!receipts) return fail(receipts.error());
  return {};
}

/// For `audit`, which does without where it has to: nothing of a run hangs on it.
void note_balance(Session& session, ledger::Ledger& ledger) {
  auto const seen = session.balance_seen();
  if (!seen) return;
  if (auto const noted = ledger.remember_balance(session.choice().profile.name, *seen); !noted)
    show(noted.error());
}

bool has_money_out(ledger::TaskRecord const& task) {
  for (ledger::AttemptRecord const& attempt : task.attempts)
    if (attempt.state != AttemptState::refused && attempt.state != AttemptState::failed) return true;
  return false;
}

/// What another run's clip means for a task that this run has not bought.
Result<std::vector<ledger::Record>> taken_over(ledger::TaskRecord const& task, Reuse const& reuse,
                                               std::filesystem::path const& wanted, TimePoint now) {
  std::vector<ledger::Record> records;
  std::string why = fmt::format("run {} has made this {}, or paid for it", reuse.clip.origin.run.str(),
                                task.element ? "element" : "clip");
  if (reuse.known == Known::made && reuse.clip.element) {
    records.emplace_back(ledger::ElementMade{.task = task.id, .id = *reuse.clip.element});
    records.emplace_back(
        ledger::TaskEnded{.task = task.id, .outcome = TaskOutcome::reused, .why = std::move(why), .at = now});
  } else if (reuse.known == Known::made) {
    auto clip = run::link_clip(*reuse.clip.clip, wanted);
    if (!clip) return fail(clip.error());
    records.emplace_back(ledger::ClipStored{.task = task.id, .clip = *std::move(clip)});
    if (reuse.clip.outcome == TaskOutcome::mismatched) why += fmt::format("; {}", not_as_ordered);
    records.emplace_back(
        ledger::TaskEnded{.task = task.id, .outcome = TaskOutcome::reused, .why = std::move(why), .at = now});
  } else if (reuse.known == Known::outstanding) {
    records.emplace_back(ledger::TaskEnded{
        .task = task.id, .outcome = TaskOutcome::in_doubt, .why = std::move(why), .at = now});
  }
  return records;
}

/// What another run had paid for was left to it. By now it may have made the element, or given it up.
Result<void> take_over_elements(ledger::Ledger& ledger, std::string const& gateway, RunId const& run,
                                TimePoint now) {
  auto const elements = ledger.elements(run);
  if (!elements) return fail(elements.error());
  for (ledger::ElementTask const& element : *elements) {
    if (element.outcome != TaskOutcome::in_doubt || !element.ended) continue;
    auto const reuse = find_reuse(ledger, gateway, {element.identity});
    if (!reuse) return fail(reuse.error());
    std::vector<ledger::Record> records;
    ledger::TaskEnded ended{.task = element.task, .outcome = TaskOutcome::outstanding, .why = {}, .at = now};
    if (reuse->front().known == Known::outstanding) continue;
    if (reuse->front().known == Known::made) {
      records.emplace_back(
          ledger::ElementMade{.task = element.task, .id = reuse->front().clip.element.value_or("")});
      ended.outcome = TaskOutcome::reused;
      ended.why = fmt::format("run {} has made this element", reuse->front().clip.origin.run.str());
    }
    records.emplace_back(std::move(ended));
    auto const done = ledger.commit(run, records);
    if (!done) return fail(done.error());
  }
  return {};
}

struct Place {
  char const* flag;
  std::filesystem::path file;
};

/// What one writes, another would replace. Devices, such as /dev/null, lose nothing by that.
Result<void> each_its_own(std::vector<Place> const& places) {
  std::map<std::filesystem::path, char const*> taken;
  for (Place const& place : places) {
    std::error_code ignored;
    if (place.file.empty() || place.file == "-" || std::filesystem::is_character_file(place.file, ignored))
      continue;
    auto const [other, is_new] = taken.emplace(
        std::filesystem::weakly_canonical(std::filesystem::absolute(place.file, ignored), ignored),
        place.flag);
    if (!is_new)
      return fail(
          Code::usage,
          fmt::format("{} and {} are the same file '{}'", other->second, place.flag, place.file.string()),
          "give each a file of its own");
  }
  return {};
}

/// Writes the reports, then shows the summary and where they are.
tl::expected<report::ResultModel, ExitCode> write_down(report::RunReader& run, RunFlags const& flags) {
  auto written = write_reports(run, run.output_dir());
  if (!written) {
    show(written.error());
    return tl::unexpected{ExitCode::outstanding};
  }
  say(report::text_summary(written->model));
  std::string const path = written->html.string() + "\n";
  if (flags.events == "-")
    say(path);
  else
    print(for_runner(path));
  return std::move(written->model);
}

}  // namespace

void RunFlags::add_outputs_to(CLI::App& command) {
  command.add_option("--log", log, "Append every event of the run to this file")
      ->type_name("FILE")
      ->envname("CALLSHEET_LOG");
  command
      .add_option(
          "--events", events,
          "Append every event as a line of JSON to this file (`callsheet schema events`); -: to stdout")
      ->type_name("FILE");
  command.add_option("--metrics", metrics, "Keep this file of Prometheus' text format up to date")
      ->type_name("FILE");
  copies.add_to(command);
}

Result<void> RunFlags::open_places() {
  if (auto apart = each_its_own({{"--log", log},
                                 {"--events", events},
                                 {"--metrics", metrics},
                                 {"--junit", copies.junit},
                                 {"--markdown", copies.markdown}});
      !apart)
    return apart;
  if (!metrics.empty())
    if (auto tried = WholeFile::try_place(metrics); !tried) return tried;
  if (auto tried = copies.try_places(); !tried) return tried;
  if (!log.empty()) {
    auto opened = open_log(log);
    if (!opened) return fail(opened.error());
    log_lines = *std::move(opened);
  }
  if (events.empty()) return {};
  auto opened = LineStream::open(events, "events");
  if (!opened) return fail(opened.error());
  event_lines = *std::move(opened);
  return {};
}

engine::Settings settings_of(plan::PlanTerms const& terms, RunFlags const& flags) {
  engine::Settings settings;
  settings.limits = terms.limits;
  settings.budget = terms.budget;
  settings.thresholds = terms.thresholds;
  settings.refused_content = terms.refused_content;
  if (terms.patience) settings.patience = *terms.patience;
  if (flags.in_flight) settings.limits.in_flight = *flags.in_flight;
  settings.idempotency = terms.trust.idempotency;
  settings.listing = terms.trust.listing;
  if (terms.webhooks) settings.callbacks = engine::Callbacks::expected;
  return settings;
}

Result<engine::Settings> settings_for(Session const& session, ledger::Ledger& ledger,
                                      plan::PlanTerms const& terms, RunFlags const& flags) {
  engine::Settings settings = settings_of(terms, flags);
  tune(settings, session.choice());
  auto const seen = ledger.idempotency_seen(session.choice().profile.name);
  if (!seen) return fail(seen.error());
  if (*seen || session.idempotency_seen()) settings.idempotency = Idempotency::honoured;
  return settings;
}

Result<void> take_over_clips(ledger::Ledger& ledger, std::string const& gateway, RunId const& run,
                             TimePoint now) {
  if (auto taken = take_over_elements(ledger, gateway, run, now); !taken) return taken;
  // An older run, too, may have made meanwhile what was its own when this one was planned.
  auto const others = ledger.runs(2);
  if (!others) return fail(others.error());
  if (others->size() < 2) return {};
  auto const record = ledger.run(run);
  if (!record) return fail(record.error());
  auto const terms = plan::decode_terms(record->settings);
  if (!terms) return fail(Code::ledger_unavailable, "the run's settings cannot be read");
  return ledger::for_each_task(ledger, run, [&](ledger::TaskRecord const& task) -> Result<void> {
    if (task.outcome != TaskOutcome::outstanding || has_money_out(task)) return {};
    auto const planned = plan::decode_task(task.spec);
    if (!planned) return fail(Code::ledger_unavailable, "a task of the run cannot be read");
    auto const reuse = find_reuse(ledger, gateway, {task.identity});
    if (!reuse) return fail(reuse.error());
    if (reuse->front().clip.origin.run == run) return {};
    auto const records = taken_over(task, reuse->front(), terms->output_dir / planned->output, now);
    if (!records) return fail(records.error());
    if (records->empty()) return {};
    auto const done = ledger.commit(run, *records);
    return done ? Result<void>{} : fail(done.error());
  });
}

Result<std::unique_ptr<Progress>> with_streams(std::unique_ptr<Progress> shown, ledger::Ledger& ledger,
                                               RunId const& id, RunFlags const& flags) {
  if (flags.event_lines) shown = with_events(std::move(shown), flags.event_lines, id);
  return flags.metrics.empty() ? std::move(shown) : with_metrics(std::move(shown), flags.metrics, ledger, id);
}

ExitCode carry_out(Session& session, ledger::Ledger& ledger, RunId const& id, RunFlags const& flags,
                   Session::Mode mode) {
  auto run = run::open_run(ledger, id, session.clock().now());
  if (!run) return refuse(run.error());
  if (auto ready = run::prepare_output(run->terms.output_dir); !ready) return refuse(ready.error());
  if (!media::can_look_at_clips())
    say("warning: FFmpeg is not on the PATH: whether clips are black, frozen or silent is not looked at\n");
  auto settings = settings_for(session, ledger, run->terms, flags);
  if (!settings) return refuse(settings.error());
  std::unique_ptr<Progress> progress =
      make_progress({.cap = run->terms.budget.cap, .tasks = run->clips}, session.clock().now());
  if (flags.log_lines) progress = with_log(std::move(progress), flags.log_lines);
  auto streamed = with_streams(std::move(progress), ledger, id, flags);
  if (!streamed) return refuse(streamed.error());
  progress = *std::move(streamed);
  progress = with_sidecars(std::move(progress), ledger, id);
  note_balance(session, ledger);
  auto const ending = session.drive(ledger, *std::move(run), *std::move(settings), *progress, mode);
  if (!ending) {
    show(ending.error());
    say(fmt::format("what was recorded before is safe; `callsheet resume {}` goes on when that is mended\n",
                    id.str()));
    return ExitCode::outstanding;
  }
  if (auto const ended = end_run(ledger, id, *ending, session.clock().now()); !ended)
    return refuse(ended.error());
  note_balance(session, ledger);
  ExitCode const code = conclude(ledger, id, flags);
  return *ending == run::Ending::abandoned ? ExitCode::interrupted_twice : code;
}

ExitCode conclude(ledger::Ledger& ledger, RunId const& id, RunFlags const& flags) {
  auto reader = report::RunReader::open(ledger, id, version);
  if (!reader) return refuse(reader.error());
  auto const model = write_down(*reader, flags);
  if (!model) return model.error();
  bool const copied = flags.copies.write(*reader, *model);
  annotate(*model);
  summarize_step(*model);
  ExitCode const code = exit_code_of(*model);
  return code == ExitCode::done && !copied ? ExitCode::internal : code;
}

tl::expected<report::ResultModel, ExitCode> write_down(ledger::Ledger& ledger, RunId const& id) {
  auto reader = report::RunReader::open(ledger, id, version);
  if (!reader) return tl::unexpected{refuse(reader.error())};
  return write_down(*reader, RunFlags{});
}

}  // namespace callsheet::cli
