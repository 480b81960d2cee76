#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/run/clip_store.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct Flags {
  std::filesystem::path manifest;
  CatalogFlags catalog;
  RunFlags run;
  std::string budget;
  std::filesystem::path output_dir;
  bool local = false;
};

RunId new_run_id(TimePoint now) {
  std::string id;
  for (char const c : format_rfc3339(now))
    if (c >= '0' && c <= '9') id += c;
  return RunId{fmt::format("{}-{}-{}", id.substr(0, 8), id.substr(8), random_hex(2))};
}

/// What the flags change of the plan. Fails with Code::usage.
Result<void> apply(Flags const& flags, plan::Plan& plan) {
  if (!flags.output_dir.empty())
    plan.output_dir = std::filesystem::absolute(flags.output_dir).lexically_normal();
  if (flags.budget.empty()) return {};
  auto const cap = Credits::parse(flags.budget);
  if (!cap)
    return fail(Code::usage, fmt::format("--budget: '{}' is not an amount of credits", flags.budget),
                "write credits, with at most four decimals: 400 or 12.5");
  // A flag may make the cap of the manifest smaller, never larger: money is raised where it is reviewed.
  plan.budget.cap = std::min(plan.budget.cap, *cap);
  return {};
}

/// The newest run of the campaign that has something left to do, if there is one.
Result<std::optional<ledger::RunSummary>> unfinished_run(ledger::Ledger& ledger, std::string const& campaign,
                                                         std::string const& gateway) {
  constexpr int looked_at = 100;
  auto const runs = ledger.runs(looked_at);
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs)
    if (run.campaign == campaign && run.gateway == gateway && run.outstanding > 0) return run;
  return std::optional<ledger::RunSummary>{};
}

bool same_tasks(plan::Plan const& a, plan::Plan const& b) {
  return std::equal(
             a.tasks.begin(), a.tasks.end(), b.tasks.begin(), b.tasks.end(),
             [](auto const& x, auto const& y) { return x.identity == y.identity && x.output == y.output; }) &&
         a.budget == b.budget && a.output_dir == b.output_dir;
}

/// The task as the new run records it: reused clips are linked into place, what another run has paid for is
/// in doubt.
Result<ledger::NewTask> new_task(plan::Plan const& plan, plan::PlannedTask const& task, Reuse const& reuse) {
  ledger::NewTask entry{
      .identity = task.identity, .name = task.name, .take = task.take, .spec = plan::encode_task(task)};
  if (reuse.known == Known::outstanding) {
    entry.outcome = TaskOutcome::in_doubt;
    entry.made_by = reuse.clip.origin;
  }
  if (reuse.known != Known::made) return entry;
  auto clip = run::link_clip(*reuse.clip.clip, plan.output_dir / task.output);
  if (!clip) return fail(clip.error());
  entry.outcome = TaskOutcome::reused;
  entry.made_by = reuse.clip.origin;
  entry.clip = *std::move(clip);
  return entry;
}

/// A run that was just begun, ready to be carried out.
Result<StoredRun> begin(ledger::Ledger& ledger, std::string const& gateway, plan::Plan const& plan,
                        std::vector<Reuse> const& reuse, TimePoint now) {
  ledger::NewRun run{.id = new_run_id(now),
                     .campaign = plan.campaign,
                     .gateway = gateway,
                     .settings = plan::encode_settings(plan),
                     .cap = plan.budget.cap,
                     .daily_cap = plan.budget.daily,
                     .started = now,
                     .tasks = {}};
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    auto task = new_task(plan, plan.tasks[i], reuse[i]);
    if (!task) return fail(task.error());
    run.tasks.push_back(*std::move(task));
  }
  if (auto begun = ledger.begin_run(run); !begun) return fail(begun.error());
  StoredRun stored{.id = run.id, .plan = plan, .past = {}};
  for (ledger::NewTask const& task : run.tasks) stored.past.outcomes.push_back(task.outcome);
  return stored;
}

std::string announcement(plan::Plan const& plan, std::vector<Reuse> const& reuse) {
  auto const count = [&](Known known) {
    return std::count_if(reuse.begin(), reuse.end(), [&](Reuse const& r) { return r.known == known; });
  };
  Credits const fresh = new_spend(plan, reuse);
  auto const to_make = count(Known::no) + count(Known::file_gone);
  std::string text = fmt::format("{}: {} clips", plain(plan.campaign), plan.tasks.size());
  if (auto const made = count(Known::made); made > 0)
    text += fmt::format(", {} already made and not bought again", made);
  if (auto const gone = count(Known::file_gone); gone > 0)
    text += fmt::format(", {} made before whose file is gone, bought again", gone);
  if (auto const open = count(Known::outstanding); open > 0)
    text += fmt::format(", {} paid for or in doubt in another run, not bought", open);
  if (to_make == 0) return text + "\nnothing to buy: 0 credits\n";
  return text + fmt::format("\n{} to make for {} credits ({}), cap {} credits\n", to_make, to_string(fresh),
                            approximate_usd(fresh, plan.usd_rate), to_string(plan.budget.cap));
}

/// Real money is spent only on a yes, where there is somebody to ask.
bool confirmed(Flags const& flags, Credits fresh) {
  if (flags.local || flags.run.yes || fresh == Credits{} || !stdin_is_tty() || !stderr_is_live()) return true;
  say(fmt::format("Spend up to {} credits? [y/N] ", to_string(fresh)));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

class RunCommand {
 public:
  RunCommand(Flags const& flags, Globals const& globals)
      : flags_{flags}, ledger_file_{ledger_path(globals)} {}

  ExitCode run() {
    auto planned = plan_campaign(flags_.manifest, flags_.catalog);
    if (!planned) return planned.error();
    plan::Plan& plan = planned->plan;
    if (auto applied = apply(flags_, plan); !applied) return refuse(applied.error());
    auto const gateway = gateway_name(kind());
    if (!gateway) return refuse(gateway.error());
    auto ledger = ledger::open_sqlite_ledger(ledger_file_, ledger::Access::read_write);
    if (!ledger) return refuse(ledger.error());
    auto const lease = (*ledger)->lease(plan.campaign);
    if (!lease) return refuse(lease.error());
    if (auto const code = finish_what_was_begun(**ledger, *gateway, *planned)) return *code;
    auto const reuse = find_reuse(**ledger, *gateway, plan);
    if (!reuse) return refuse(reuse.error());
    say(announcement(plan, *reuse));
    return carry_out_plan(**ledger, *gateway, *planned, *reuse);
  }

 private:
  [[nodiscard]] GatewayKind kind() const {
    return flags_.local ? GatewayKind::embedded : GatewayKind::remote;
  }

  /// Opens the session once, and asks for the balance, so that a wrong key is told before anything is
  /// recorded.
  Result<Session*> session(catalog::Catalog const& catalog) {
    if (session_) return session_.get();
    auto choice = choose_gateway(kind(), ledger_file_.parent_path() / "local-gateway");
    if (!choice) return fail(choice.error());
    auto session = Session::open(*std::move(choice), catalog);
    if (!session) return fail(session.error());
    auto const balance = (*session)->balance();
    if (!balance) return fail(balance.error());
    balance_ = balance->key ? std::min(balance->account, *balance->key) : balance->account;
    session_ = *std::move(session);
    return session_.get();
  }

  /// An interrupted run of the same plan is gone on with, cap and all; of another plan, what it paid for is
  /// brought home first. Empty: there is nothing of the kind left.
  std::optional<ExitCode> finish_what_was_begun(ledger::Ledger& ledger, std::string const& gateway,
                                                PlannedCampaign const& planned) {
    auto const open = unfinished_run(ledger, planned.plan.campaign, gateway);
    if (!open) return refuse(open.error());
    if (!*open) return std::nullopt;
    auto stored = read_back(ledger, (*open)->id);
    if (!stored) return refuse(stored.error());
    bool const same = same_tasks(stored->plan, planned.plan);
    bool const paid =
        std::any_of(stored->past.attempts.begin(), stored->past.attempts.end(), [&](auto const& attempt) {
          return attempt.state == AttemptState::submitting || attempt.state == AttemptState::running ||
                 (attempt.state == AttemptState::finished &&
                  stored->past.outcomes[index(attempt.key.task)] == TaskOutcome::outstanding);
        });
    if (!same && !paid) return std::nullopt;
    auto const opened = session(planned.catalog);
    if (!opened) return refuse(opened.error());
    if (same) {
      SystemClock const clock;
      if (auto taken = take_over_clips(ledger, gateway, *stored, clock.now()); !taken)
        return refuse(taken.error());
      say(fmt::format("{}: going on with run {}, which was interrupted\n", plain(planned.plan.campaign),
                      (*open)->id.str()));
      return carry_out(**opened, ledger, *std::move(stored), flags_.run, Session::Mode::all);
    }
    say(fmt::format("{}: first bringing home what run {} has paid for\n", plain(planned.plan.campaign),
                    (*open)->id.str()));
    ExitCode const code = carry_out(**opened, ledger, *std::move(stored), flags_.run, Session::Mode::collect);
    if (code == ExitCode::interrupted_twice || code == ExitCode::usage) return code;
    return std::nullopt;
  }

  ExitCode carry_out_plan(ledger::Ledger& ledger, std::string const& gateway, PlannedCampaign const& planned,
                          std::vector<Reuse> const& reuse) {
    Credits const fresh = new_spend(planned.plan, reuse);
    SystemClock const clock;
    if (fresh == Credits{}) {
      auto const run = begin(ledger, gateway, planned.plan, reuse, clock.now());
      if (!run) return refuse(run.error());
      std::vector<ledger::Record> const ended{
          ledger::RunEnded{.status = RunStatus::completed, .at = clock.now()}};
      if (auto const done = ledger.commit(run->id, ended); !done) return refuse(done.error());
      return conclude(ledger, run->id);
    }
    auto const opened = session(planned.catalog);
    if (!opened) return refuse(opened.error());
    if (balance_ < fresh)
      say(fmt::format("warning: the account has {} credits left; the gateway will refuse what goes beyond\n",
                      to_string(balance_)));
    if (!confirmed(flags_, fresh)) {
      say("nothing was bought\n");
      return ExitCode::done;
    }
    auto run = begin(ledger, gateway, planned.plan, reuse, clock.now());
    if (!run) return refuse(run.error());
    return carry_out(**opened, ledger, *std::move(run), flags_.run, Session::Mode::all);
  }

  Flags const& flags_;
  std::filesystem::path ledger_file_;
  std::unique_ptr<Session> session_;
  Credits balance_;
};

}  // namespace

void add_run(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      app.add_subcommand("run", "Carry a campaign out; what is already made is not bought again");
  command->add_option("manifest", flags->manifest, "The campaign manifest (YAML)")->required();
  command->add_flag("--local", flags->local,
                    "Use the built-in local gateway: no key, no money, animatics for clips");
  command
      ->add_option("-j,--in-flight", flags->run.in_flight,
                   "Tasks at the gateway at a time (default: the manifest's)")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--budget", flags->budget, "A smaller cap than the manifest's, in credits");
  command->add_option("--out", flags->output_dir, "Output folder instead of the manifest's");
  command->add_option("--log", flags->run.log, "Append every event of the run to this file")
      ->envname("CALLSHEET_LOG");
  command->add_flag("-y,--yes", flags->run.yes, "Do not ask before spending");
  flags->catalog.add_to(*command);
  command->callback([flags, &globals, &work] {
    work = [flags, &globals] { return RunCommand{*flags, globals}.run(); };
  });
}

}  // namespace callsheet::cli
