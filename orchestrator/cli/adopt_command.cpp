#include "orchestrator/cli/attempt_choice.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/reopened_run.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct AdoptOptions {
  std::string run, attempt, task_id;
  CatalogFlags catalog;
  RunFlags run_flags;
};

ExitCode adopt(Globals const& globals, AdoptOptions const& flags) {
  auto ledger = open_for_writing(globals);
  if (!ledger) return refuse(ledger.error());
  auto const summary = (*ledger)->summary(RunId{flags.run});
  if (!summary) return refuse(summary.error());
  auto const run = reopen(globals, **ledger, *summary, flags.catalog);
  if (!run) return refuse(run.error());
  auto const chosen = choose_attempt(**ledger, *summary, flags.attempt);
  if (!chosen) return refuse(chosen.error());
  ledger::AttemptRecord const& attempt = chosen->attempt;
  if (attempt.state != AttemptState::in_doubt)
    return refuse({.code = Code::usage,
                   .what = fmt::format("attempt {} is not in doubt: it is {}", to_string(attempt.key),
                                       to_string(attempt.state)),
                   .mend = "only what is in doubt can be given a task id"});
  Session& session = *(*run)->session;
  GatewayTaskId const id{flags.task_id};
  auto const view = session.query(id, attempt.most);
  if (!view)
    return refuse({.code = Code::not_found,
                   .what = fmt::format("the gateway does not tell about task '{}': {}", plain(id.str()),
                                       plain(view.error().message)),
                   .mend = "look the id up in the gateway's task list or dashboard"});
  std::vector<ledger::Record> const record{ledger::IdReceived{
      .attempt = attempt.key, .id = id, .at = session.clock().now(), .source = ledger::IdSource::found}};
  auto const receipts = (*ledger)->commit(summary->id, record);
  if (!receipts) return refuse(receipts.error());
  if (!receipts->front().granted)
    return refuse({.code = Code::usage, .what = receipts->front().why, .mend = "see `callsheet status`"});
  say(fmt::format("attempt {} of '{}' is task {}: collecting it\n", to_string(attempt.key),
                  plain(chosen->task.name), plain(id.str())));
  return carry_out(session, **ledger, summary->id, flags.run_flags, Session::Mode::collect);
}

}  // namespace

void add_adopt(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<AdoptOptions>();
  CLI::App* command = app.add_subcommand(
      "adopt", "Settle a doubt: the attempt is this task of the gateway; its clip is brought home");
  command->add_option("run", flags->run, "The run, as `history` names it")->type_name("RUN")->required();
  command->add_option("attempt", flags->attempt, "The attempt in doubt, for example 12.1")
      ->type_name("ATTEMPT")
      ->required();
  command->add_option("task_id", flags->task_id, "The gateway's id of its task")->type_name("ID")->required();
  command->add_option("--log", flags->run_flags.log, "Append every event to this file")
      ->type_name("FILE")
      ->envname("CALLSHEET_LOG");
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return adopt(globals, *flags); }; });
}

}  // namespace callsheet::cli
