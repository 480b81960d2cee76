#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/rehearsal.hpp"
#include "orchestrator/cli/scratch_folder.hpp"
#include "orchestrator/cli/storm_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct RehearseOptions {
  std::filesystem::path manifest;
  CatalogFlags catalog;
  ChoiceFlags choice;
  RehearsalOptions rehearsal;
  std::vector<std::filesystem::path> storms;
  std::optional<std::uint64_t> seed;
  std::int64_t limit_s = 20;
  bool no_idempotency = false;
  bool as_json = false;
};

Checked<std::vector<Storm>> storms_of(RehearseOptions const& flags) {
  auto storms = built_in_storms();
  if (!storms) return storms;
  for (auto const& file : flags.storms) {
    auto storm = load_storm(file);
    if (!storm) return tl::unexpected{storm.error()};
    storms->push_back(*std::move(storm));
  }
  if (flags.seed)
    for (Storm& storm : *storms) storm.faults.seed = *flags.seed;
  return storms;
}

std::string verdict_of(Rehearsal const& one) {
  if (!one.witness.breaches.empty()) return "A LAW BROKE";
  std::string text = "cap held, bill agrees";
  ledger::Balance const& money = one.run.balance;
  if (money.held > Credits{})
    text += one.run.in_doubt > 0 ? "; what is in doubt stays held" : "; what is open stays held";
  if (money.refund_expected > Credits{})
    text += fmt::format("; {} expected back", to_string(money.refund_expected));
  if (one.witness.reserved > Credits{})
    text += fmt::format("; the gateway still has {} reserved", to_string(one.witness.reserved));
  for (std::string const& why : one.unfinished) text += "; " + why;
  return text;
}

std::string storms_table(std::vector<Rehearsal> const& rehearsals) {
  constexpr char const* line =
      "{:<{}}  {:>6}  {:>6}  {:>6}  {:>7}  {:>8}  {:>5}  {:>9}  {:>9}  {:>9}  {:>7}  {}\n";
  std::size_t widest = 5;
  for (Rehearsal const& one : rehearsals) widest = std::max(widest, one.storm.size());
  std::string text = fmt::format(line, "STORM", widest, "FAULTS", "CLIPS", "FAILED", "SKIPPED", "IN DOUBT",
                                 "OPEN", "SPENT", "HELD", "BILLED", "CAP", "VERDICT");
  for (Rehearsal const& one : rehearsals) {
    ledger::RunSummary const& run = one.run;
    ledger::TaskCounts const clips = run.clips();
    text +=
        fmt::format(line, plain(one.storm), widest, one.faults, clips.made, clips.failed + clips.mismatched,
                    clips.skipped, run.in_doubt, run.outstanding, to_string(run.balance.billed),
                    to_string(run.balance.held + run.balance.refund_expected), to_string(one.witness.charged),
                    to_string(run.cap), verdict_of(one));
  }
  return text;
}

/// The storm in which most money may be gone at the end: what is in doubt may be billed, too.
Rehearsal const& worst_of(std::vector<Rehearsal> const& rehearsals) {
  return *std::max_element(rehearsals.begin(), rehearsals.end(), [](auto const& a, auto const& b) {
    return a.run.balance.committed() < b.run.balance.committed();
  });
}

Credits peak_of(std::vector<Rehearsal> const& rehearsals) {
  Credits peak;
  for (Rehearsal const& one : rehearsals) peak = std::max(peak, one.peak);
  return peak;
}

std::string conclusion(std::vector<Rehearsal> const& rehearsals) {
  Rehearsal const& worst = worst_of(rehearsals);
  ledger::Balance const& money = worst.run.balance;
  std::string text = fmt::format(
      "\nworst-case spend {} credits ({}), cap {}: {} billed, {} in doubt or expected back ({})\n",
      to_string(money.committed()), approximate_usd(money.committed(), worst.usd_rate),
      to_string(worst.run.cap), to_string(money.billed), to_string(money.held + money.refund_expected),
      plain(worst.storm));
  text +=
      fmt::format("most counted against the cap at any moment: {} credits\n", to_string(peak_of(rehearsals)));
  text +=
      "spent and held are callsheet's own count, billed is the local gateway's: each keeps books of its "
      "own\n";
  for (Rehearsal const& one : rehearsals)
    for (std::string const& breach : one.witness.breaches)
      text += fmt::format("BROKEN in {}: {}\n", plain(one.storm), plain(breach));
  return text;
}

json storm_json(Rehearsal const& one) {
  json run = to_json(one.run);
  return {{"storm", one.storm},
          {"faults", one.faults},
          {"clips", run["clips"]},
          {"spent", run["billed"]},
          {"held", run["held"]},
          {"refund_expected", run["refund_expected"]},
          {"billed", report::amount_json(one.witness.charged)},
          {"reserved", report::amount_json(one.witness.reserved)},
          {"cap", run["cap"]},
          {"peak", report::amount_json(one.peak)},
          {"unfinished", one.unfinished},
          {"laws_kept", one.witness.breaches.empty()},
          {"breaches", one.witness.breaches}};
}

std::string json_text(std::vector<Rehearsal> const& rehearsals) {
  json storms = json::array();
  for (Rehearsal const& one : rehearsals) storms.push_back(storm_json(one));
  Rehearsal const& worst = worst_of(rehearsals);
  return to_text({{"campaign", worst.run.campaign},
                  {"cap", report::amount_json(worst.run.cap)},
                  {"worst_case", report::amount_json(worst.run.balance.committed())},
                  {"worst_storm", worst.storm},
                  {"peak", report::amount_json(peak_of(rehearsals))},
                  {"storms", std::move(storms)}});
}

ExitCode rehearse_campaign(RehearseOptions& flags) {
  flags.rehearsal.limit = std::chrono::seconds{flags.limit_s};
  flags.rehearsal.idempotency = !flags.no_idempotency;
  auto const storms = storms_of(flags);
  if (!storms) {
    show(storms.error());
    return ExitCode::usage;
  }
  auto const choice = plan::TaskChoice::parse(flags.choice.words);
  if (!choice) return refuse(choice.error());
  auto script = read_script({flags.manifest}, flags.catalog);
  if (!script) return script.error();
  script->choice = *choice;
  std::vector<Rehearsal> rehearsals;
  for (Storm const& storm : *storms) {
    say(fmt::format("storm {} of {}: {}\n", rehearsals.size() + 1, storms->size(), plain(storm.name)));
    ScratchFolder const folder{"rehearsal"};  // for ledger, clips and gateway
    if (auto made = folder.make(); !made) return refuse(made.error());
    auto rehearsal = rehearse(*script, storm, flags.rehearsal, folder.path());
    if (!rehearsal) return rehearsal.error();
    rehearsals.push_back(*std::move(rehearsal));
    if (rehearsals.back().interrupted) break;
  }
  print(flags.as_json ? json_text(rehearsals) : storms_table(rehearsals) + conclusion(rehearsals));
  bool const kept = std::all_of(rehearsals.begin(), rehearsals.end(),
                                [](Rehearsal const& one) { return one.witness.breaches.empty(); });
  if (!kept) return ExitCode::internal;
  return rehearsals.back().interrupted ? ExitCode::outstanding : ExitCode::done;
}

}  // namespace

void add_rehearse(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<RehearseOptions>();
  CLI::App* command = app.add_subcommand(
      "rehearse", "Carry a campaign through scripted storms at the built-in gateway: the worst-case spend");
  command->add_option("manifest", flags->manifest, "The campaign manifest (YAML)")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--storm", flags->storms, "A storm file of your own, after the built-in ones; repeatable")
      ->type_name("FILE");
  command->add_option("--storm-seed", flags->seed, "Another seed than the storms' own");
  command
      ->add_option("--limit", flags->limit_s,
                   "Seconds for one storm; what is then under way is reported as open")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command
      ->add_option("-j,--in-flight", flags->rehearsal.run.in_flight,
                   "Tasks at the gateway at a time (default: the manifest's)")
      ->check(CLI::Range(1, 10'000));
  flags->choice.add_to(*command);
  command->add_flag("--no-idempotency", flags->no_idempotency,
                    "The gateway ignores Idempotency-Key in every storm, as the real one may");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return rehearse_campaign(*flags); }; });
}

}  // namespace callsheet::cli
