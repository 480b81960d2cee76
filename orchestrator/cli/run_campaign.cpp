#include "orchestrator/cli/run_campaign.hpp"

#include "orchestrator/cli/announcement.hpp"
#include "orchestrator/cli/begun_run.hpp"
#include "orchestrator/cli/budget_fit.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/plan_file.hpp"
#include "orchestrator/cli/plan_writer.hpp"
#include "orchestrator/cli/retake_list.hpp"
#include "orchestrator/cli/retake_table.hpp"
#include "orchestrator/cli/review_file.hpp"
#include "orchestrator/cli/superseded_takes.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/text_spool.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/gateway/callback_receiver.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/run/clip_files.hpp"
#include "orchestrator/run/recovery.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

RunId new_run_id(TimePoint now) {
  std::string id;
  for (char const c : format_rfc3339(now))
    if (c >= '0' && c <= '9') id += c;
  return RunId{fmt::format("{}-{}-{}", id.substr(0, 8), id.substr(8), random_hex(2))};
}

/// What the flags change of the plan. Fails with Code::usage.
Result<void> apply(RunOptions const& flags, plan::PlanTerms& terms) {
  if (!flags.output_dir.empty())
    terms.output_dir = std::filesystem::absolute(flags.output_dir).lexically_normal();
  if (flags.budget.empty()) return {};
  auto const cap = Credits::parse(flags.budget);
  if (!cap || *cap <= Credits{})
    return fail(Code::usage, fmt::format("--budget: '{}' is not an amount of credits", flags.budget),
                "write credits above 0, with at most four decimals: 400 or 12.5");
  // A flag may make the cap of the manifest smaller, never larger: money is raised where it is reviewed.
  terms.budget.cap = std::min(terms.budget.cap, *cap);
  return {};
}

/// Real money is spent only on a yes, where there is somebody to ask.
bool confirmed(RunOptions const& flags, GatewaySite const& site, Credits fresh, Credits cap) {
  if (flags.gateway.local || flags.run.yes || fresh == Credits{} || !stdin_is_tty() || !stderr_is_live())
    return true;
  // The plan's price is what is expected: a fallback may cost more. The cap is what holds.
  say(fmt::format("Spend {} credits at {}, and whatever comes no more than the cap of {}? [y/N] ",
                  to_string(fresh), plain(shown(site)), to_string(cap)));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

class RunCommand {
 public:
  RunCommand(RunOptions const& flags, Globals const& globals)
      : flags_{flags}, ledger_file_{ledger_path(globals)}, manifests_{flags.manifests} {}

  ExitCode run() {
    auto faults = read_storm(flags_.storm);
    if (!faults) return faults.error();
    faults_ = *std::move(faults);
    if (auto const code = read_pinned()) return *code;
    auto const choice = chosen_tasks();
    if (!choice) return refuse(choice.error());
    for (std::string const& flag :
         {to_flags(choice->words()), std::string{is_fitted() ? "--fit-budget" : ""}})
      if (auto const one = only_of_one(manifests_, flag); !one) return refuse(one.error());
    auto script = read_script(manifests_, flags_.catalog);
    if (!script) return script.error();
    script->choice = *choice;
    auto site = choose_site(flags_.gateway, script->campaigns, script->catalog);
    if (!site) return refuse(site.error());
    site_ = *std::move(site);
    std::string const& gateway = site_.name;
    if (auto const code = refuse_other_gateway()) return *code;
    if (auto const code = read_review(*script)) return *code;
    bool const begins = !std::filesystem::exists(ledger_file_);
    auto ledger = ledger::open_sqlite_ledger(ledger_file_, ledger::Access::read_write);
    if (!ledger) return refuse(ledger.error());
    if (begins) say(fmt::format("a new ledger begins: {}\n", ledger_file_.string()));
    auto const leases = lease_all(**ledger, script->name());
    if (!leases) return refuse(leases.error());
    if (auto const heard = try_webhooks(*script); !heard && !flags_.dry_run) return refuse(heard.error());
    if (auto const code = refuse_what_moved(**ledger, gateway, *script)) return *code;
    if (auto const code = list_what_was_rejected(**ledger, gateway, *script)) return *code;
    if (!flags_.dry_run)
      if (auto const code = finish_what_was_begun(**ledger, gateway, *script)) return *code;
    if (auto const code = list_what_was_rejected(**ledger, gateway, *script)) return *code;
    tell_left_alone();
    if (script->retakes && script->retakes->empty()) {
      if (!list_.elsewhere.empty()) return refuse_elsewhere();
      say("no take is to be made anew: nothing to buy\n");
      if (!flags_.as_json) return ExitCode::done;
    }
    // What came of that may be other than what was planned with.
    if (auto const code = refuse_what_moved(**ledger, gateway, *script)) return *code;
    return plan_and_run(**ledger, gateway, *script);
  }

 private:
  /// Whether callbacks can be listened for: asked before a run is recorded. Once its campaigns are leased no
  /// other run of them has the port.
  static Result<void> try_webhooks(Script const& script) {
    for (manifest::Campaign const& campaign : script.campaigns) {
      if (!campaign.webhooks) continue;
      boost::asio::io_context io;
      auto const tried = gateway::CallbackReceiver::listen(
          io, *campaign.webhooks, [](std::string const& /*token*/, GatewayTaskId const& /*id*/) {});
      if (tried) continue;
      Error error = tried.error();
      error.code = Code::usage;  // what the manifest says cannot be done here, whatever the system calls it
      return fail(std::move(error));
    }
    return {};
  }

  [[nodiscard]] bool is_fresh() const {
    return flags_.fresh || flags_.retakes || (pinned_ && pinned_->fresh);
  }

  [[nodiscard]] Reusing reusing() const { return {.made = !is_fresh(), .accepted = accepted_}; }

  /// What was accepted is not made anew, and what was rejected is all that `retake` makes.
  std::optional<ExitCode> read_review(Script const& script) {
    if (!is_fresh()) return std::nullopt;
    if (!flags_.retakes) {
      std::set<std::filesystem::path> folders = script.output_dirs();
      if (!flags_.output_dir.empty()) folders.insert(flags_.output_dir);
      auto accepted = accepted_in(folders);
      if (!accepted) return refuse(accepted.error());
      accepted_ = *std::move(accepted);
      return std::nullopt;
    }
    manifest::Campaign const& campaign = script.campaigns.front();
    auto const folder = flags_.output_dir.empty() ? campaign.output_dir : flags_.output_dir;
    ReviewFile const file{flags_.review.empty() ? ReviewFile::beside_report(folder) : flags_.review,
                          campaign.name};
    std::error_code ignored;
    if (!std::filesystem::exists(file.path(), ignored))
      return refuse({.code = Code::not_found,
                     .what = fmt::format("there is no review '{}'", file.path().string()),
                     .mend = "`callsheet review` writes one; --review names another file"});
    auto review = file.read_located();
    if (!review) return refuse(review.error());
    review_ = *std::move(review);
    return std::nullopt;
  }

  /// Asked again after what was begun has come home: what came is not bought once more.
  std::optional<ExitCode> list_what_was_rejected(ledger::Ledger& ledger, std::string const& gateway,
                                                 Script& script) {
    if (!flags_.retakes) return std::nullopt;
    script.retakes.reset();
    auto list = list_retakes(script, ledger, gateway, review_);
    if (!list) return list.error();
    list_ = *std::move(list);
    script.retakes = list_.retakes;
    return std::nullopt;
  }

  void tell_left_alone() const {
    constexpr std::size_t told_most = 20;
    std::vector<std::string> const& left_alone = list_.left_alone;
    for (std::size_t i = 0; i < std::min(told_most, left_alone.size()); ++i)
      say(fmt::format("not made anew: {}\n", left_alone[i]));
    if (left_alone.size() > told_most)
      say(fmt::format("and {} more that are not made anew\n", left_alone.size() - told_most));
  }

  /// Nothing to buy would be a wrong answer: the clips are there, elsewhere.
  [[nodiscard]] ExitCode refuse_elsewhere() const {
    std::string const command = fmt::format("callsheet retake {}", flags_.manifests.front().string());
    bool const was_local = list_.elsewhere == GatewayProfile::embedded;
    return refuse(
        {.code = Code::usage,
         .what = was_local
                     ? "what was rejected was made with --local, and this retake is without"
                     : fmt::format("what was rejected was made at the gateway {}, and this retake is at {}",
                                   list_.elsewhere, site_.name),
         .mend = was_local                             ? fmt::format("`{} --local`", command)
                 : site_.kind == GatewayKind::embedded ? fmt::format("leave --local out: `{}`", command)
                                                       : "retake it at the gateway that made it"});
  }

  /// A pinned plan is of its own tasks.
  [[nodiscard]] Result<plan::TaskChoice> chosen_tasks() const {
    plan::ChoiceWords const& words = flags_.choice.words;
    if (!pinned_) return plan::TaskChoice::parse(words);
    if (words != plan::ChoiceWords{})
      return fail(Code::usage, fmt::format("{}: a plan file is carried out whole", to_flags(words)),
                  fmt::format("choose when it is made: `callsheet plan MANIFEST {} --out plan.json`",
                              to_flags(words)));
    auto const terms = plan::decode_terms(pinned_->terms);
    return plan::TaskChoice::parse(terms ? terms->choice : plan::ChoiceWords{});
  }

  [[nodiscard]] bool is_fitted() const { return flags_.fit || (pinned_ && pinned_->fitted); }

  /// The choice that fits the budget, where it was asked for. A pinned one was made for the manifest's cap.
  tl::expected<std::optional<BudgetFit>, ExitCode> fit_where_asked(ledger::Ledger& ledger,
                                                                   std::string const& gateway,
                                                                   Script const& script) const {
    if (!is_fitted()) return std::optional<BudgetFit>{};
    plan::PlanTerms terms;
    terms.budget.cap = script.cap();
    if (auto applied = apply(flags_, terms); !applied && !pinned_)
      return tl::unexpected{refuse(applied.error())};
    Credits const cap = pinned_ ? script.cap() : terms.budget.cap;
    SystemClock const clock;
    auto fit = BudgetFit::choose(script, &ledger, gateway, reusing(), cap, clock.now());
    if (!fit) return tl::unexpected{fit.error()};
    return std::optional{*std::move(fit)};
  }

  /// Whether a run's choice of what fits the budget is the one that would be carried out now. A pinned choice
  /// is that very one; else it is enough that it was made from the same: what has been spent meanwhile is no
  /// reason to choose anew.
  tl::expected<bool, ExitCode> chose_alike(ledger::Ledger& ledger, std::string const& gateway,
                                           Script const& script, plan::PlanTerms const& begun) const {
    if (pinned_) return is_pinned(begun);
    if (is_fitted() == begun.fit_digest.empty()) return false;
    if (!is_fitted()) return true;
    auto const fit = fit_where_asked(ledger, gateway, script);
    if (!fit) return tl::unexpected{fit.error()};
    return (*fit)->question() == begun.fit_question;
  }

  /// A plan file in the manifest's place is carried out as it stands.
  std::optional<ExitCode> read_pinned() {
    auto const file = std::find_if(flags_.manifests.begin(), flags_.manifests.end(), is_plan_file);
    if (file == flags_.manifests.end()) return std::nullopt;
    if (flags_.manifests.size() > 1)
      return refuse(
          {.code = Code::usage,
           .what = fmt::format("'{}' is a plan file, which is carried out by itself", file->string()),
           .mend = "pin all in one plan: `callsheet plan A.yaml B.yaml --out plan.json`"});
    if (flags_.retakes)
      return refuse(
          {.code = Code::usage,
           .what = fmt::format("'{}' is a plan: what is made anew is planned by the review", file->string()),
           .mend = "name the campaign's manifest"});
    Result<plan::Outline> pinned = read_plan_file(*file);
    if (!pinned) return refuse(pinned.error());
    manifests_.assign(pinned->manifests.begin(), pinned->manifests.end());
    for (std::filesystem::path const& manifest : manifests_)
      if (!std::filesystem::exists(manifest))
        return refuse({.code = Code::not_found,
                       .what = fmt::format("'{}' was made from '{}', which is not there", file->string(),
                                           manifest.string()),
                       .mend = "keep plan and manifest where they were, or plan anew"});
    pinned_ = *std::move(pinned);
    return std::nullopt;
  }

  /// What is made, what it costs and whose money it is hangs on the gateway: told by itself, before all else.
  std::optional<ExitCode> refuse_other_gateway() {
    if (!pinned_ || pinned_->gateway == site_.name) return std::nullopt;
    std::string const file = flags_.manifests.front().string();
    bool const was_local = pinned_->gateway == GatewayProfile::embedded;
    bool const is_local = site_.kind == GatewayKind::embedded;
    std::string const mend =
        was_local ? fmt::format("`callsheet run {} --local`, or plan anew without --local", file)
        : is_local
            ? fmt::format(
                  "leave --local out, or plan anew with it: `callsheet plan MANIFEST --local --out {}`", file)
            : "run it at the gateway it was made for, or plan anew";
    return refuse(
        {.code = Code::usage,
         .what = was_local  ? fmt::format("'{}' was made with --local, and this run is without", file)
                 : is_local ? fmt::format("'{}' was made without --local, and this run is with it", file)
                            : fmt::format("'{}' was made for the gateway {}, and this run is at {}", file,
                                          pinned_->gateway, site_.name),
         .mend = mend});
  }

  std::optional<ExitCode> refuse_what_moved(ledger::Ledger& ledger, std::string const& gateway,
                                            Script const& script) {
    if (!pinned_) return std::nullopt;
    auto const fit = fit_where_asked(ledger, gateway, script);
    if (!fit) return fit.error();
    auto const now = outline_script(script, manifests_, &ledger, gateway, reusing(), *fit);
    if (!now) return now.error();
    // Once more, then: the clips are linked where they are missing, and nothing is bought.
    if (plan::is_carried_out(*pinned_, *now)) return std::nullopt;
    std::vector<std::string> const what = plan::moved(*pinned_, *now);
    if (what.empty()) return std::nullopt;
    return refuse_moved(what);
  }

  [[nodiscard]] ExitCode refuse_moved(std::vector<std::string> const& what) const {
    constexpr std::size_t told_most = 20;
    std::string text =
        fmt::format("'{}' is no longer what would be made:", flags_.manifests.front().string());
    for (std::size_t i = 0; i < std::min(told_most, what.size()); ++i) text += "\n    " + plain(what[i]);
    if (what.size() > told_most) text += fmt::format("\n    and {} more", what.size() - told_most);
    return refuse({.code = Code::usage,
                   .what = std::move(text),
                   .mend = "plan anew, or `callsheet resume` if a run of this plan was interrupted"});
  }

  [[nodiscard]] bool is_pinned(plan::PlanTerms const& terms) const {
    auto const pinned = plan::decode_terms(pinned_->terms);
    return pinned && pinned->tasks_digest == terms.tasks_digest && pinned->fit_digest == terms.fit_digest;
  }

  /// Opens the session once, and asks for the balance, so that a wrong key is told before anything is
  /// recorded.
  Result<Session*> session(catalog::Catalog const& catalog) {
    if (session_) return session_.get();
    auto choice = choose_gateway(site_, ledger_file_.parent_path() / "local-gateway", faults_);
    if (!choice) return fail(choice.error());
    auto session = Session::open(*std::move(choice), catalog);
    if (!session) return fail(session.error());
    auto const balance = (*session)->balance();
    if (!balance) return fail(balance.error());
    balance_ = balance->key ? std::min(balance->account, *balance->key) : balance->account;
    session_ = *std::move(session);
    return session_.get();
  }

  /// As unfinished_runs(); what a later run makes anew is no longer there to be gone on with.
  static Result<std::vector<ledger::RunSummary>> what_was_begun(ledger::Ledger& ledger,
                                                                std::string const& gateway,
                                                                Script const& script) {
    SystemClock const clock;
    while (true) {
      auto open = unfinished_runs(ledger, script.name(), gateway);
      if (!open) return open;
      bool any = false;
      for (ledger::RunSummary const& run : *open) {
        // Another campaign's is not ours to change: its lease is not held yet.
        if (run.campaign != script.name()) continue;
        auto const withdrew = withdraw_superseded(ledger, run, clock.now());
        if (!withdrew) return fail(withdrew.error());
        auto const accepted = withdraw_accepted(ledger, run, clock.now());
        if (!accepted) return fail(accepted.error());
        any = any || *withdrew || *accepted;
      }
      if (!any) return open;
    }
  }

  /// What interrupted runs have paid for is brought home first. The latest is gone on with, cap and all,
  /// where it is of the same plan. Empty: a new one may begin.
  std::optional<ExitCode> finish_what_was_begun(ledger::Ledger& ledger, std::string const& gateway,
                                                Script const& script) {
    auto open = what_was_begun(ledger, gateway, script);
    if (!open) return refuse(open.error());
    if (open->empty()) return std::nullopt;
    RunId const latest = open->back().id;
    char const* const was =
        open->back().outstanding > 0 ? "which was interrupted" : "which waited for another";
    auto const terms = terms_to_go_on_with(ledger, gateway, script, latest);
    if (!terms) return terms.error();
    if (*terms) open->pop_back();
    auto const opened = [&] { return session(script.catalog); };
    if (auto const code =
            bring_home(ledger, *open, {.campaign = script.name(), .session = opened, .flags = flags_.run}))
      return code;
    if (!*terms) return std::nullopt;
    auto const driver = opened();
    if (!driver) return refuse(driver.error());
    if (auto told = follow(ledger, latest, (*terms)->as_written, (*terms)->begun); !told)
      return refuse(told.error());
    say(fmt::format("{}: going on with run {}, {}\n", plain(script.name()), latest.str(), was));
    return carry_out(**driver, ledger, latest, flags_.run, Session::Mode::all);
  }

  struct SameTerms {
    plan::PlanTerms as_written;
    plan::PlanTerms begun;
  };
  /// Of a run that is of the very plan that would be made now; empty: it is of another.
  tl::expected<std::optional<SameTerms>, ExitCode> terms_to_go_on_with(ledger::Ledger& ledger,
                                                                       std::string const& gateway,
                                                                       Script const& script,
                                                                       RunId const& id) {
    // Planned once more than it has to be: whether the plan is the same has to be known before anything else.
    auto terms = plan_script(script, [](plan::PlannedTask&&, std::size_t /*route*/) {});
    if (!terms) return tl::unexpected{terms.error()};
    if (auto applied = apply(flags_, *terms); !applied) return tl::unexpected{refuse(applied.error())};
    terms->fresh = is_fresh();
    terms->retake = flags_.retakes;
    SystemClock const clock;
    auto begun = run::open_run(ledger, id, clock.now());
    if (!begun) return tl::unexpected{refuse(begun.error())};
    auto const alike = chose_alike(ledger, gateway, script, begun->terms);
    if (!alike) return tl::unexpected{alike.error()};
    if (!*alike || !is_same(begun->terms, *terms)) return std::optional<SameTerms>{};
    return SameTerms{.as_written = *std::move(terms), .begun = std::move(begun->terms)};
  }

  ExitCode plan_and_run(ledger::Ledger& ledger, std::string const& gateway, Script const& script) {
    SystemClock const clock;
    ledger::NewRun run{.id = new_run_id(clock.now()),
                       .campaign = script.name(),
                       .gateway = gateway,
                       .nonce = random_hex(8),
                       .started = clock.now()};
    RunId const id = run.id;
    PlanWriter writer{ledger, std::move(run), reusing()};
    UrlInputs urls;
    RetakeTable anew{list_};
    bool const looks = flags_.probe.wanted(site_.kind == GatewayKind::remote);
    writer.on_buy = [&](plan::PlannedTask const& task) {
      if (looks) urls.add(task);
      if (flags_.retakes) anew.add(task);
    };
    auto const fit = fit_where_asked(ledger, gateway, script);
    if (!fit) return fit.error();
    if (auto begun = writer.begin(); !begun) return refuse(begun.error());
    auto terms = plan_script(script, *fit, [&](plan::PlannedTask&& task, std::size_t route) {
      writer.take(std::move(task), route);
    });
    if (!terms) return terms.error();
    if (auto written = writer.finish(); !written) return refuse(written.error());
    if (auto applied = apply(flags_, *terms); !applied) return refuse(applied.error());
    terms->fresh = is_fresh();
    terms->retake = flags_.retakes;
    if (pinned_ && !is_pinned(*terms))
      return refuse({.code = Code::usage, .what = "the campaign was changed while it was read"});
    if (auto const shown = show_retakes(anew, *terms, gateway); !shown) return refuse(shown.error());
    say(announcement(*terms, writer.sums()));
    if (site_.kind == GatewayKind::remote && site_.name != GatewayProfile::standard)
      say(fmt::format("gateway {}\n", plain(shown(site_))));
    if (auto const asked = Credits::parse(flags_.budget); asked && *asked > terms->budget.cap)
      say(fmt::format("warning: --budget {} is above the manifest's cap of {} credits, which holds\n",
                      to_string(*asked), to_string(terms->budget.cap)));
    if (flags_.dry_run) return ExitCode::done;
    if (auto ready = run::prepare_output(terms->output_dir); !ready) return refuse(ready.error());
    Credits const fresh = writer.sums().fresh;
    if (fresh == Credits{}) return link_only(ledger, id, *terms, clock.now());
    auto const opened = session(script.catalog);
    if (!opened) return refuse(opened.error());
    if (balance_ < fresh)
      say(fmt::format("warning: the account has {} credits left; the gateway will refuse what goes beyond\n",
                      to_string(balance_)));
    if (auto const code = refuse_urls(urls, script)) return *code;
    if (!confirmed(flags_, site_, fresh, terms->budget.cap)) {
      say("nothing was bought\n");
      return ExitCode::done;
    }
    if (auto started = start(ledger, id, *terms); !started) return refuse(started.error());
    return carry_out(**opened, ledger, id, flags_.run, Session::Mode::all);
  }

  /// What a retake buys is the answer to --dry-run, and before a question about money it is said first.
  [[nodiscard]] Result<void> show_retakes(RetakeTable const& anew, plan::PlanTerms const& terms,
                                          std::string const& gateway) const {
    constexpr std::size_t said_most = 20;
    if (!flags_.retakes) return {};
    if (!flags_.dry_run) {
      say(anew.text(terms.usd_rate, said_most));
      return {};
    }
    TextSpool spool;
    if (flags_.as_json)
      spool.add(to_text(anew.json(terms, gateway, manifests_)));
    else
      spool.add(anew.text(terms.usd_rate, SIZE_MAX) + anew.totals(terms));
    return spool.print();
  }

  /// What stands behind a URL is the gateway's to fetch, and ours to look at before it is paid for.
  std::optional<ExitCode> refuse_urls(UrlInputs const& urls, Script const& script) {
    if (urls.empty()) return std::nullopt;
    auto const looked = urls.look(script.campaigns, script.catalog, flags_.probe.reach(site_));
    if (!looked.errors.empty()) return refuse(looked.errors);
    if (!pinned_) return std::nullopt;
    std::vector<std::string> const what = plan::moved(pinned_->inputs, looked.pins);
    return what.empty() ? std::nullopt : std::optional{refuse_moved(what)};
  }

  static Result<void> start(ledger::Ledger& ledger, RunId const& id, plan::PlanTerms const& terms) {
    if (auto told = ledger.works_on(id); !told) return told;
    auto started = ledger.start_run(id, plan::encode_terms(terms), terms.budget);
    if (!started) return started;
    SystemClock const clock;
    if (auto withdrew = withdraw_older(ledger, id, clock.now()); !withdrew) return withdrew;
    return link_reused(ledger, id, terms.output_dir);
  }

  ExitCode link_only(ledger::Ledger& ledger, RunId const& id, plan::PlanTerms const& terms,
                     TimePoint now) const {
    if (auto started = start(ledger, id, terms); !started) return refuse(started.error());
    if (auto const ended = end_run(ledger, id, run::Ending::finished, now); !ended)
      return refuse(ended.error());
    // Nobody watches, but whoever reads events or metrics is told that there was nothing to do.
    auto const streams = with_streams(nullptr, ledger, id, flags_.run);
    if (!streams) return refuse(streams.error());
    if (*streams) (*streams)->close();
    return conclude(ledger, id, flags_.run);
  }

  RunOptions const& flags_;
  std::filesystem::path ledger_file_;
  Manifests manifests_;
  std::optional<plan::Outline> pinned_;  ///< what may be made, and nothing else
  local_gateway::Faults faults_;
  GatewaySite site_;
  std::unique_ptr<Session> session_;
  Credits balance_;
  std::set<TaskIdentity> accepted_;
  review::LocatedReview review_;  ///< of `retake`
  RetakeList list_;               ///< of `retake`
};

}  // namespace

ExitCode run_campaign(RunOptions const& options, Globals const& globals) {
  return RunCommand{options, globals}.run();
}

}  // namespace callsheet::cli
