#include "orchestrator/cli/begun_run.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/plan/joint_plan.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// A run of several campaigns is one of each of them.
bool share_a_campaign(std::string const& a, std::string const& b) {
  std::vector<std::string> const of_a = plan::campaigns_in(a);
  std::vector<std::string> const of_b = plan::campaigns_in(b);
  return std::find_first_of(of_a.begin(), of_a.end(), of_b.begin(), of_b.end()) != of_a.end();
}

/// Money is out that can be brought home: not only doubts.
Result<bool> has_paid(ledger::Ledger& ledger, RunId const& run) {
  auto const pending = ledger.pending(run);
  if (!pending) return fail(pending.error());
  auto const tasks = (*pending)->with_money_out();
  if (!tasks) return fail(tasks.error());
  return std::any_of(tasks->begin(), tasks->end(), [](ledger::TaskRecord const& task) {
    return task.attempts.back().state != AttemptState::in_doubt;
  });
}

/// Whether its clips can be put where they belong: an old run may have kept them on a disk that is gone.
Result<void> place_of(ledger::Ledger& ledger, RunId const& run) {
  auto const reader = report::RunReader::open(ledger, run, {.version = version});
  if (!reader) return fail(reader.error());
  return run::prepare_output(reader->output_dir());
}

/// What the process ends with that was stopped while one of the runs came home so.
ExitCode stopped_with(ExitCode code) {
  say("stopped: no new run was begun\n");
  return code == ExitCode::interrupted_twice || code == ExitCode::in_doubt ? code : ExitCode::outstanding;
}

}  // namespace

Result<std::vector<ledger::RunSummary>> unfinished_runs(ledger::Ledger& ledger, std::string const& campaign,
                                                        std::string const& gateway) {
  auto runs = ledger.runs(std::numeric_limits<int>::max());
  if (!runs) return fail(runs.error());
  std::erase_if(*runs, [&](ledger::RunSummary const& run) {
    return run.outstanding + run.waiting == 0 || run.status == RunStatus::running || run.gateway != gateway ||
           !share_a_campaign(run.campaign, campaign);
  });
  std::reverse(runs->begin(), runs->end());
  return runs;
}

bool is_same(plan::PlanTerms const& a, plan::PlanTerms const& b) {
  return a.tasks_digest == b.tasks_digest && a.budget == b.budget && a.output_dir == b.output_dir &&
         a.fresh == b.fresh && a.retake == b.retake;
}

std::optional<ExitCode> bring_home(ledger::Ledger& ledger, std::vector<ledger::RunSummary> const& runs,
                                   BringingHome const& how) {
  std::optional<Session::Watch> watch;
  Session* last = nullptr;
  for (ledger::RunSummary const& run : runs) {
    // It may be of other campaigns too.
    auto const others = lease_all(ledger, run.campaign, how.campaign);
    if (!others && others.error().code == Code::busy) {
      say(fmt::format("run {} is passed over: {}\n", run.id.str(), plain(others.error().what)));
      continue;
    }
    if (!others) return refuse(others.error());
    auto const paid = has_paid(ledger, run.id);
    if (!paid) return refuse(paid.error());
    if (!*paid) continue;
    if (auto const place = place_of(ledger, run.id); !place) {
      say(fmt::format("run {} is passed over, what it has paid for waits: {}\n", run.id.str(),
                      plain(place.error().what)));
      continue;
    }
    auto const session = how.session();
    if (!session) return refuse(session.error());
    last = *session;
    if (!watch) watch.emplace(**session);
    say(fmt::format("{}: first bringing home what run {} has paid for\n", plain(how.campaign), run.id.str()));
    RunFlags flags = how.flags;
    flags.another_follows = true;
    ExitCode const code = carry_out(**session, ledger, run.id, flags, Session::Mode::collect);
    if (code == ExitCode::usage) return code;
    // Who stops that wants nothing bought after it.
    if (last->interrupted() || code == ExitCode::interrupted_twice) return stopped_with(code);
  }
  // A signal may have come since, while runs were looked at that had nothing to bring.
  if (last != nullptr && last->interrupted()) return stopped_with(ExitCode::outstanding);
  return std::nullopt;
}

Result<void> follow(ledger::Ledger& ledger, RunId const& id, plan::PlanTerms const& as_written,
                    plan::PlanTerms terms) {
  terms.limits = as_written.limits;
  terms.thresholds = as_written.thresholds;
  terms.trust = as_written.trust;
  terms.webhooks = as_written.webhooks;
  terms.patience = as_written.patience;
  terms.deadline = as_written.deadline;
  terms.refused_content = as_written.refused_content;
  std::vector<ledger::Record> const renewed{ledger::TermsRenewed{.settings = plan::encode_terms(terms)}};
  auto const done = ledger.commit(id, renewed);
  return done ? Result<void>{} : fail(done.error());
}

}  // namespace callsheet::cli
