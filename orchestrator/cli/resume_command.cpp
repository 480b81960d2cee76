#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/reopened_run.hpp"
#include "orchestrator/cli/storm_file.hpp"
#include "orchestrator/cli/superseded_takes.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/replaced_run.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// `resume` and `collect` differ in what they may buy, nothing else.
struct ResumeOptions {
  std::string run;
  CatalogFlags catalog;
  RunFlags run_flags;
  Session::Mode mode = Session::Mode::all;
  StormFlags storm;
};

/// Something to buy or to bring home, or a doubt of its own: one of another run is that run's to settle.
bool has_work(ledger::RunSummary const& run) {
  return run.outstanding > 0 || run.balance.held != Credits{};
}

/// The run that was named, or the newest with something left to do of its own, or else the newest that waits
/// for another: by then that one may have brought home what it has. Where `buys`, none that a later one was
/// begun in the place of: who wants it all the same names it. Empty: there is none.
Result<std::optional<ledger::RunSummary>> find_run(ledger::Ledger& ledger, std::string const& id, bool buys) {
  constexpr int looked_at = 1000;
  if (!id.empty()) {
    auto named = ledger.summary(RunId{id});
    if (!named) return fail(named.error());
    return std::optional{*std::move(named)};
  }
  auto const runs = ledger.runs(looked_at);
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs) {
    if ((!has_work(run) || run.status == RunStatus::running) && !run.process_gone) continue;
    auto const replaced = report::is_replaced(ledger, run.id);
    if (!replaced) return fail(replaced.error());
    if (!*replaced || !buys) return std::optional{run};
    bool const has_paid = run.balance.held != Credits{};
    say(fmt::format(
        "run {0} is left alone, a later run of {1} was begun in its place: `callsheet {2} {0}` {3}\n",
        run.id.str(), plain(run.campaign), has_paid ? "collect" : "resume",
        has_paid ? "brings home what it has paid for" : "makes what it left all the same"));
  }
  for (ledger::RunSummary const& run : *runs)
    if (run.waiting > 0 && run.status != RunStatus::running) return std::optional{run};
  return std::optional<ledger::RunSummary>{};
}

/// Its process was killed between the last clip and the last word.
Result<void> end_for_the_dead(ledger::Ledger& ledger, ledger::RunSummary const& run) {
  auto const lease = ledger.lease(run.campaign);
  if (!lease) return fail(lease.error());
  return end_run(ledger, run.id, run::Ending::finished, SystemClock{}.now());
}

ExitCode nothing_left(ledger::Ledger& ledger, RunId const& run, RunFlags const& flags) {
  say(fmt::format("run {} has ended: nothing is left to do\n", run.str()));
  // Nobody watches, but whoever reads events or metrics is told how it stands.
  auto const streams = with_streams(nullptr, ledger, run, flags);
  if (!streams) return refuse(streams.error());
  if (*streams) (*streams)->close();
  return conclude(ledger, run, flags);
}

/// Withdraws it; gives whether there was any. Where nothing is bought, no review has to be read.
Result<bool> withdraw_unwanted(ledger::Ledger& ledger, ledger::RunSummary const& run, Session::Mode mode,
                               TimePoint now) {
  auto const superseded = withdraw_superseded(ledger, run, now);
  if (!superseded || mode != Session::Mode::all) return superseded;
  auto const accepted = withdraw_accepted(ledger, run, now);
  if (!accepted) return accepted;
  return *superseded || *accepted;
}

ExitCode resume(Globals const& globals, ResumeOptions& flags) {
  auto const faults = read_storm(flags.storm);
  if (!faults) return faults.error();
  if (auto opened = flags.run_flags.open_places(); !opened) return refuse(opened.error());
  auto ledger = open_for_writing(globals);
  if (!ledger) return refuse(ledger.error());
  auto const found = find_run(**ledger, flags.run, flags.mode == Session::Mode::all);
  if (!found) return refuse(found.error());
  if (!*found) {
    say("nothing to resume\n");
    return ExitCode::done;
  }
  ledger::RunSummary summary = **found;
  // A doubt without money is one that an older version left to another run: who names the run may ask for it.
  if (!has_work(summary) && summary.waiting == 0 && (flags.run.empty() || summary.in_doubt == 0)) {
    if (summary.process_gone)
      if (auto ended = end_for_the_dead(**ledger, summary); !ended) return refuse(ended.error());
    return nothing_left(**ledger, summary.id, flags.run_flags);
  }
  if (summary.gateway != GatewayProfile::embedded && !flags.storm.file.empty())
    return refuse({.code = Code::usage,
                   .what = fmt::format("run {} does not use the built-in gateway, so it cannot have a storm",
                                       summary.id.str()),
                   .mend = "give the storm to `callsheet gateway`"});
  auto const run = reopen(globals, **ledger, summary, flags.catalog, *faults);
  if (!run) return refuse(run.error());
  Session& session = *(*run)->session;
  auto const withdrew = withdraw_unwanted(**ledger, summary, flags.mode, session.clock().now());
  if (!withdrew) return refuse(withdrew.error());
  if (*withdrew) {
    auto left = (*ledger)->summary(summary.id);
    if (!left) return refuse(left.error());
    summary = *std::move(left);
    if (!has_work(summary) && summary.waiting == 0)
      return nothing_left(**ledger, summary.id, flags.run_flags);
  }
  ledger::TaskCounts const clips = summary.clips();
  ledger::TaskCounts const& elements = summary.elements;
  int const elements_to_go = elements.to_go();
  say(fmt::format(
      "{} run {} of {}: {} of {}{} to go{}\n", flags.mode == Session::Mode::all ? "resuming" : "collecting",
      summary.id.str(), plain(summary.campaign), clips.to_go(), count_of(clips.all, "clip"),
      elements_to_go == 0 ? ""
                          : fmt::format(" and {} of {}", elements_to_go, count_of(elements.all, "element")),
      flags.mode == Session::Mode::all ? "" : "; nothing new is bought"));
  return carry_out(session, **ledger, summary.id, flags.run_flags, flags.mode);
}

void add(CLI::App& app, Globals& globals, Work& work, char const* name, char const* does,
         Session::Mode mode) {
  auto flags = std::make_shared<ResumeOptions>();
  flags->mode = mode;
  CLI::App* command = app.add_subcommand(name, does);
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest unfinished)")
      ->type_name("RUN");
  if (mode == Session::Mode::all)
    command->add_option("-j,--in-flight", flags->run_flags.in_flight, "Tasks at the gateway at a time")
        ->check(CLI::Range(1, 10'000));
  flags->run_flags.add_outputs_to(*command);
  flags->storm.add_to(*command);
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return resume(globals, *flags); }; });
}

}  // namespace

void add_resume(CLI::App& app, Globals& globals, Work& work) {
  add(app, globals, work, "resume", "Go on with an interrupted run; nothing is paid for twice",
      Session::Mode::all);
}

void add_collect(CLI::App& app, Globals& globals, Work& work) {
  add(app, globals, work, "collect", "Bring home what a run has paid for; nothing new is bought",
      Session::Mode::collect);
}

}  // namespace callsheet::cli
