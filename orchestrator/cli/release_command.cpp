#include "orchestrator/cli/attempt_choice.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/reopened_run.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct ReleaseOptions {
  std::string run, attempt, why;
  bool billed = false;
};

/// What a person knows about an attempt's money, as a record; empty: there is nothing to settle.
std::optional<ledger::Record> verdict(ledger::AttemptRecord const& attempt, ReleaseOptions const& flags,
                                      TimePoint now) {
  std::string const how = flags.why.empty() ? "settled by hand" : "settled by hand: " + flags.why;
  if (attempt.state == AttemptState::in_doubt) {
    if (flags.billed) return ledger::WrittenOff{.attempt = attempt.key, .how = how, .at = now};
    return ledger::Released{.attempt = attempt.key,
                            .failure = {.kind = FailureKind::not_sent, .message = how},
                            .then = "its hold was given back",
                            .at = now};
  }
  if (attempt.state == AttemptState::failed && attempt.balance.refund_expected != Credits{})
    return ledger::RefundSettled{.attempt = attempt.key,
                                 .fate = flags.billed ? ledger::RefundFate::denied : ledger::RefundFate::came,
                                 .how = how,
                                 .at = now};
  return std::nullopt;
}

ExitCode release(Globals const& globals, ReleaseOptions const& flags) {
  auto ledger = open_for_writing(globals);
  if (!ledger) return refuse(ledger.error());
  auto const run = (*ledger)->summary(RunId{flags.run});
  if (!run) return refuse(run.error());
  auto const leases = lease_all(**ledger, run->campaign);
  if (!leases) return refuse(leases.error());
  auto const chosen = choose_attempt(**ledger, *run, flags.attempt);
  if (!chosen) return refuse(chosen.error());
  ledger::AttemptRecord const& attempt = chosen->attempt;
  TimePoint const now = SystemClock{}.now();
  auto const record = verdict(attempt, flags, now);
  if (!record)
    return refuse({.code = Code::usage,
                   .what = fmt::format("attempt {} is {} and expects no refund: there is nothing to settle",
                                       to_string(attempt.key), to_string(attempt.state)),
                   .mend = attempt.state == AttemptState::submitting || attempt.state == AttemptState::running
                               ? "`callsheet resume` goes on with it"
                               : ""});
  std::vector<ledger::Record> records{*record};
  // Its task is outstanding again, and so the run is not over.
  if (attempt.state == AttemptState::in_doubt)
    records.emplace_back(ledger::RunEnded{.status = RunStatus::interrupted, .at = now});
  auto const done = (*ledger)->commit(run->id, records);
  if (!done) return refuse(done.error());
  Credits const amount = attempt.balance.held + attempt.balance.refund_expected;
  say(fmt::format("attempt {} of '{}': {} credits {}\n", to_string(attempt.key), plain(chosen->task.name),
                  to_string(amount),
                  flags.billed ? "are booked as billed" : "no longer count against the cap"));
  if (attempt.state == AttemptState::in_doubt)
    say(fmt::format("its task is outstanding again: `callsheet resume {}` would make it\n", run->id.str()));
  auto const written = write_down(**ledger, run->id);
  return written ? ExitCode::done : written.error();
}

}  // namespace

void add_release(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<ReleaseOptions>();
  CLI::App* command = app.add_subcommand(
      "release", "Settle a doubt, or an expected refund, by hand: the money never went, or is back");
  command->add_option("run", flags->run, "The run, as `history` names it")->type_name("RUN")->required();
  command->add_option("attempt", flags->attempt, "The attempt, for example 12.1")
      ->type_name("ATTEMPT")
      ->required();
  command->add_flag("--billed", flags->billed, "It was billed for good: book it so");
  command->add_option("--why", flags->why, "How you know; kept in the ledger")->type_name("WORDS");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return release(globals, *flags); }; });
}

}  // namespace callsheet::cli
