#include "orchestrator/cli/campaign_run.hpp"

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/command_hint.hpp"
#include "orchestrator/cli/events.hpp"
#include "orchestrator/cli/github.hpp"
#include "orchestrator/cli/live_page.hpp"
#include "orchestrator/cli/log.hpp"
#include "orchestrator/cli/metrics.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/sidecar_files.hpp"
#include "orchestrator/cli/take_over.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/http/server.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/media/clip_look.hpp"
#include "orchestrator/plan/joint_plan.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/replaced_run.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/text_summary.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

namespace {

RunStatus status_of(ledger::RunSummary const& run, run::Ending ending) {
  if (run.outstanding > 0) return RunStatus::interrupted;
  if (ending == run::Ending::breached) return RunStatus::stopped_by_threshold;
  if (run.skipped > run.late + run.withdrawn) return RunStatus::stopped_by_budget;
  if (run.late > 0) return RunStatus::stopped_by_deadline;
  return run.waiting > 0 ? RunStatus::waiting : RunStatus::completed;
}

/// For `audit`, which does without where it has to: nothing of a run hangs on it.
void note_balance(Session& session, ledger::Ledger& ledger) {
  auto const seen = session.balance_seen();
  if (!seen) return;
  if (auto const noted = ledger.remember_balance(session.choice().profile.name, *seen); !noted)
    show(noted.error());
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

/// A page that cannot be shown is told before anything is bought.
Result<void> try_port(std::uint16_t port) {
  boost::asio::io_context io;
  http::ServerOptions options;
  options.port = port;
  auto const tried = http::Server::listen(io, std::move(options), {});
  return tried ? Result<void>{} : fail(tried.error());
}

/// Writes the reports, then shows the summary and where they are.
tl::expected<report::ResultModel, ExitCode> write_down(report::RunReader& run, RunFlags const& flags) {
  auto const written_down = [&]() -> Result<WrittenReports> {
    auto const folder = report::report_folder(run.ledger(), run.head().run, run.output_dir());
    if (!folder) return fail(folder.error());
    return write_reports(run, *folder, flags.stills);
  };
  auto written = written_down();
  if (!written) {
    show(written.error());
    return tl::unexpected{ExitCode::outstanding};
  }
  if (flags.another_follows) {
    // What is advised after a run, and where its report is, is that one's to say.
    report::Totals const& totals = written->model.totals;
    say(fmt::format("run {}: {} of {} in place, {} credits billed\n", run.head().run.str(),
                    totals.made + totals.mismatched + totals.reused, count_of(totals.clips, "clip"),
                    to_string(totals.billed)));
    return std::move(written->model);
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
  CLI::Option* const ui = command.add_flag(
      "--ui", page, "A page on this machine that shows the run as it goes, and pauses and stops it");
  command.add_option("--port", port, "Port of the page on 127.0.0.1 (default: a free one)")
      ->check(CLI::Range(0, 65'535))
      ->type_name("PORT")
      ->needs(ui);
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
  command.add_flag_callback(
      "--no-stills", [this] { stills = StillWish::none; }, "Make no posters and filmstrips of the clips");
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
  if (port != 0)
    if (auto tried = try_port(port); !tried) return tried;
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

Result<Leases> lease_all(ledger::Ledger& ledger, std::string const& name, std::string const& held) {
  std::vector<std::string> const have = plan::campaigns_in(held);
  Leases leases;
  for (std::string const& campaign : plan::campaigns_in(name)) {
    if (std::find(have.begin(), have.end(), campaign) != have.end()) continue;
    auto lease = ledger.lease(campaign);
    if (!lease) return fail(lease.error());
    leases.push_back(*std::move(lease));
  }
  return leases;
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

Result<std::unique_ptr<Progress>> with_streams(std::unique_ptr<Progress> shown, ledger::Ledger& ledger,
                                               RunId const& id, RunFlags const& flags) {
  if (flags.event_lines) shown = with_events(std::move(shown), flags.event_lines, id);
  return flags.metrics.empty() ? std::move(shown) : with_metrics(std::move(shown), flags.metrics, ledger, id);
}

ExitCode carry_out(Session& session, ledger::Ledger& ledger, RunId const& id, RunFlags const& flags,
                   Session::Mode mode) {
  if (auto told = ledger.works_on(id); !told) return refuse(told.error());
  // Time passes between a plan and its run: at a question, or in a night after an interruption.
  auto const position = ledger.position();
  if (!position) return refuse(position.error());
  if (auto const taken = take_over(ledger, id, session.clock().now()); !taken) return refuse(taken.error());
  auto run = run::open_run(ledger, id, session.clock().now());
  if (!run) return refuse(run.error());
  run->known_until = *position;
  if (auto ready = run::prepare_output(run->terms.output_dir); !ready) return refuse(ready.error());
  if (!media::can_look_at_clips())
    say("warning: FFmpeg is not on the PATH: whether clips are black, frozen or silent is not looked at\n");
  auto settings = settings_for(session, ledger, run->terms, flags);
  if (!settings) return refuse(settings.error());
  std::unique_ptr<Progress> progress = make_progress(
      {.cap = run->terms.budget.cap, .tasks = run->clips, .done = run->done}, session.clock().now());
  LivePage* page = nullptr;
  if (flags.page) {
    auto const summary = ledger.summary(id);
    if (!summary) return refuse(summary.error());
    auto const reports = report::report_folder(ledger, id, run->terms.output_dir);
    if (!reports) return refuse(reports.error());
    auto with_page = std::make_unique<LivePage>(
        std::move(progress), *summary,
        LivePage::Settings{
            .report = *reports / "report.html", .usd_rate = run->terms.usd_rate, .port = flags.port},
        session.clock().now());
    page = with_page.get();
    progress = std::move(with_page);
  }
  if (flags.log_lines) progress = with_log(std::move(progress), flags.log_lines);
  auto streamed = with_streams(std::move(progress), ledger, id, flags);
  if (!streamed) return refuse(streamed.error());
  progress = *std::move(streamed);
  progress = with_sidecars(std::move(progress), ledger, id, flags.stills);
  note_balance(session, ledger);
  media::Drawing const drawing =
      flags.stills == StillWish::none ? media::Drawing::none : media::Drawing::stills;
  auto const ending = session.drive(ledger, *std::move(run), *std::move(settings), *progress, mode,
                                    {.limit = {}, .companion = page, .drawing = drawing});
  if (!ending) {
    show(ending.error());
    say(fmt::format("what was recorded before is safe; `{} resume {}` goes on when that is mended\n",
                    command_for(ledger), id.str()));
    return ExitCode::outstanding;
  }
  if (*ending != run::Ending::abandoned)
    if (auto const taken = take_over(ledger, id, session.clock().now()); !taken) return refuse(taken.error());
  if (auto const ended = end_run(ledger, id, *ending, session.clock().now()); !ended)
    return refuse(ended.error());
  note_balance(session, ledger);
  RunFlags last = flags;
  // Who stops a run does not want to wait for pictures.
  bool const stopped = *ending == run::Ending::abandoned || session.interrupted();
  if (stopped && last.stills != StillWish::none) last.stills = StillWish::drawn;
  ExitCode const code = conclude(ledger, id, last);
  return *ending == run::Ending::abandoned ? ExitCode::interrupted_twice : code;
}

Result<void> end_run(ledger::Ledger& ledger, RunId const& id, run::Ending ending, TimePoint now) {
  auto const run = ledger.summary(id);
  if (!run) return fail(run.error());
  std::vector<ledger::Record> const ended{ledger::RunEnded{.status = status_of(*run, ending), .at = now}};
  auto const receipts = ledger.commit(id, ended);
  if (!receipts) return fail(receipts.error());
  return {};
}

/// Money first, then work, then what the manifest demands, then what the tasks came to.
ExitCode exit_code_of(report::ResultModel const& model) {
  report::Totals const& totals = model.totals;
  if (totals.in_doubt + totals.elements.in_doubt > 0) return ExitCode::in_doubt;
  if (totals.outstanding + totals.elements.outstanding > 0) return ExitCode::outstanding;
  if (totals.waiting + totals.elements.waiting > 0) return ExitCode::outstanding;
  if (!report::keeps_thresholds(model) || model.head.status == RunStatus::stopped_by_threshold)
    return ExitCode::threshold;
  if (totals.failed + totals.mismatched > 0) return ExitCode::failed;
  return totals.skipped > totals.withdrawn ? ExitCode::budget_bound : ExitCode::done;
}

ExitCode conclude(ledger::Ledger& ledger, RunId const& id, RunFlags const& flags) {
  auto reader = report::RunReader::open(ledger, id, {.version = version, .command = command_for(ledger)});
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
  auto reader = report::RunReader::open(ledger, id, {.version = version, .command = command_for(ledger)});
  if (!reader) return tl::unexpected{refuse(reader.error())};
  return write_down(*reader, RunFlags{});
}

}  // namespace callsheet::cli
