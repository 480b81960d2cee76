#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/ledger/audit.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct AuditOptions {
  bool offline = false;
  bool as_json = false;
  CatalogFlags catalog;
};

/// One gateway's account beside the books.
struct AccountAudit {
  std::string gateway;
  std::vector<ledger::Reconciliation> intervals;
  std::string not_asked;  ///< why the gateway was not asked now; empty: it was
};

struct Audit {
  std::vector<ledger::RunSummary> runs;
  std::vector<ledger::BookFault> faults;
  std::vector<AccountAudit> accounts;

  [[nodiscard]] bool all_explained() const {
    for (AccountAudit const& account : accounts)
      for (ledger::Reconciliation const& one : account.intervals)
        if (one.unexplained != Credits{}) return false;
    return true;
  }
};

/// What the account holds now. Fails when there is no key, or the environment leads elsewhere.
Result<ledger::BalanceSeen> ask(Globals const& globals, std::string const& gateway,
                                catalog::Catalog const& catalog) {
  auto const site = find_site(gateway, catalog);
  if (!site) return fail(site.error());
  auto choice = choose_gateway(*site, ledger_path(globals).parent_path() / "local-gateway");
  if (!choice) return fail(choice.error());
  auto session = Session::open(*std::move(choice), catalog);
  if (!session) return fail(session.error());
  return (*session)->balance_seen();
}

class Auditing {
 public:
  /// `catalog`: null: no gateway is asked.
  Auditing(Globals const& globals, ledger::Ledger& ledger, catalog::Catalog const* catalog)
      : globals_{globals}, ledger_{ledger}, catalog_{catalog} {}

  Result<Audit> audit() {
    Audit result;
    std::map<std::string, std::vector<ledger::Entry>> entries;
    // A run may be going on: its entries and balances have to be of one moment.
    if (auto read = ledger_.at_one_moment([&] { return audit_runs(result, entries); }); !read)
      return fail(read.error());
    for (auto const& [gateway, list] : entries) {
      auto account = audit_account(gateway, list);
      if (!account) return fail(account.error());
      result.accounts.push_back(*std::move(account));
    }
    return result;
  }

 private:
  Result<void> audit_runs(Audit& result, std::map<std::string, std::vector<ledger::Entry>>& entries) {
    constexpr int all = 1'000'000;
    auto runs = ledger_.runs(all);
    if (!runs) return fail(runs.error());
    for (ledger::RunSummary& run : *runs) {
      auto const of_run = ledger_.entries(run.id, std::nullopt);
      if (!of_run) return fail(of_run.error());
      auto const faults = ledger::audit_books(ledger_, run, *of_run);
      if (!faults) return fail(faults.error());
      result.faults.insert(result.faults.end(), faults->begin(), faults->end());
      auto& list = entries[run.gateway];
      list.insert(list.end(), of_run->begin(), of_run->end());
      result.runs.push_back(std::move(run));
    }
    return {};
  }

  Result<AccountAudit> audit_account(std::string const& gateway, std::vector<ledger::Entry> const& entries) {
    auto seen = ledger_.balances(gateway);
    if (!seen) return fail(seen.error());
    AccountAudit account{.gateway = gateway, .intervals = {}, .not_asked = {}};
    if (catalog_ == nullptr) {
      account.not_asked = "told not to (--offline)";
    } else if (auto now = ask(globals_, gateway, *catalog_); now) {
      seen->push_back(*now);
    } else {
      account.not_asked = now.error().what;
    }
    account.intervals = ledger::reconcile(*seen, entries);
    return account;
  }

  Globals const& globals_;
  ledger::Ledger& ledger_;
  catalog::Catalog const* catalog_;
};

std::string text_of(Audit const& audit) {
  std::string text =
      fmt::format("books     {} runs, the balance of each run and attempt recomputed from its entries: {}\n",
                  audit.runs.size(), audit.faults.empty() ? "all agree" : "DIFFERENCES");
  for (ledger::BookFault const& fault : audit.faults)
    text += fmt::format("          run {}{}: {}\n", fault.run.str(),
                        fault.attempt ? " attempt " + to_string(*fault.attempt) : "", fault.what);
  for (ledger::RunSummary const& run : audit.runs)
    if (run.balance.held + run.balance.refund_expected != Credits{})
      text +=
          fmt::format("open      run {}: {} credits held, {} refund expected ({} in doubt, {} outstanding)\n",
                      run.id.str(), to_string(run.balance.held), to_string(run.balance.refund_expected),
                      run.in_doubt, run.outstanding);
  for (AccountAudit const& account : audit.accounts) {
    text += fmt::format("account   {}: ", plain(account.gateway));
    if (account.intervals.empty()) {
      text += "its balance was seen at most once: nothing to compare\n";
    } else {
      Credits fell, booked;
      for (auto const& one : account.intervals) {
        fell += one.fell();
        booked += one.booked.billed;
      }
      text += fmt::format(
          "{} -> {} credits since {}: {} less, {} booked as billed\n",
          to_string(account.intervals.front().from.account), to_string(account.intervals.back().to.account),
          format_rfc3339(account.intervals.front().from.at), to_string(fell), to_string(booked));
    }
    for (auto const& one : account.intervals)
      if (std::string const why = ledger::explanation(one); !why.empty())
        text += fmt::format("          {} to {}: {}\n", format_rfc3339(one.from.at),
                            format_rfc3339(one.to.at), why);
    if (!account.not_asked.empty())
      text += fmt::format("          the gateway was not asked now: {}\n", plain(account.not_asked));
  }
  return text;
}

json json_of(ledger::Reconciliation const& one) {
  return {{"from", format_rfc3339(one.from.at)},
          {"to", format_rfc3339(one.to.at)},
          {"account_before", report::amount_json(one.from.account)},
          {"account_after", report::amount_json(one.to.account)},
          {"billed", report::amount_json(one.booked.billed)},
          {"held_change", report::amount_json(one.booked.held)},
          {"refund_expected_change", report::amount_json(one.booked.refund_expected)},
          {"unexplained", report::amount_json(one.unexplained)},
          {"explanation", ledger::explanation(one)}};
}

json json_of(Audit const& audit) {
  json faults = json::array();
  for (ledger::BookFault const& fault : audit.faults)
    faults.push_back({{"run", fault.run.str()},
                      {"attempt", fault.attempt ? json(to_string(*fault.attempt)) : json(nullptr)},
                      {"what", fault.what}});
  json runs = json::array();
  for (ledger::RunSummary const& run : audit.runs) runs.push_back(to_json(run));
  json accounts = json::array();
  for (AccountAudit const& account : audit.accounts) {
    json intervals = json::array();
    for (auto const& one : account.intervals) intervals.push_back(json_of(one));
    accounts.push_back({{"gateway", account.gateway},
                        {"asked_now", account.not_asked.empty()},
                        {"why_not", account.not_asked},
                        {"intervals", std::move(intervals)}});
  }
  return {{"runs", std::move(runs)}, {"faults", std::move(faults)}, {"accounts", std::move(accounts)}};
}

ExitCode audit(Globals const& globals, AuditOptions const& flags) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return refuse(ledger.error());
  std::optional<catalog::Catalog> catalog;
  if (!flags.offline) {
    auto loaded = load(flags.catalog);
    if (!loaded) return refuse(loaded.error());
    catalog = *std::move(loaded);
  }
  auto const audit = Auditing{globals, **ledger, catalog ? &*catalog : nullptr}.audit();
  if (!audit) return refuse(audit.error());
  print(flags.as_json ? to_text(json_of(*audit)) : text_of(*audit));
  if (!audit->faults.empty()) return ExitCode::internal;
  return audit->all_explained() ? ExitCode::done : ExitCode::in_doubt;
}

}  // namespace

void add_audit(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<AuditOptions>();
  CLI::App* command = app.add_subcommand("audit",
                                         "Recompute the balances of runs and attempts from their entries, "
                                         "and compare with the gateway's account");
  command->add_flag("--offline", flags->offline, "Do not ask the gateway");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return audit(globals, *flags); }; });
}

}  // namespace callsheet::cli
