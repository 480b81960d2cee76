#include "orchestrator/cli/budget_fit.hpp"
#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/plan_file.hpp"
#include "orchestrator/cli/plan_forecast.hpp"
#include "orchestrator/cli/plan_parts.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/core/output_file.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct PlanOptions {
  std::filesystem::path manifest;
  CatalogFlags catalog;
  bool local = false;
  bool fresh = false;
  bool fit = false;
  bool as_json = false;
  bool forecast = false;
  std::optional<int> trials;
  std::filesystem::path out;
};

Reusing reusing(PlanOptions const& flags) {
  return flags.fresh ? Reusing::nothing : Reusing::made;
}

GatewayKind kind_of(PlanOptions const& flags) {
  return flags.local ? GatewayKind::embedded : GatewayKind::remote;
}

/// What the ledger knows of the plan's tasks.
Result<std::vector<Reuse>> look_up(ledger::Ledger* ledger, std::string const& gateway, plan::Plan const& plan,
                                   Reusing reusing) {
  if (ledger == nullptr) return std::vector<Reuse>(plan.tasks.size());
  std::vector<TaskIdentity> identities;
  identities.reserve(plan.tasks.size());
  for (plan::PlannedTask const& task : plan.tasks) identities.push_back(task.identity);
  return find_reuse(*ledger, gateway, identities, reusing);
}

/// The choice that fits the budget, where it was asked for.
tl::expected<std::optional<BudgetFit>, ExitCode> fit_where_asked(PlanOptions const& flags,
                                                                 Script const& script, ledger::Ledger* ledger,
                                                                 std::string const& gateway) {
  if (!flags.fit) return std::optional<BudgetFit>{};
  SystemClock const clock;
  auto fit =
      BudgetFit::choose(script, ledger, gateway, reusing(flags), script.campaign.budget.cap, clock.now());
  if (!fit) return tl::unexpected{fit.error()};
  return std::optional{*std::move(fit)};
}

/// Of what has to be bought; empty where it was not asked for, or nothing has.
Result<std::optional<PlanForecast>> forecast_new(PlanOptions const& flags, ledger::Ledger* ledger,
                                                 plan::Plan const& plan, std::vector<Reuse> const& reuse) {
  std::vector<plan::PlannedTask> fresh;
  for (std::size_t i = 0; flags.forecast && i < plan.tasks.size(); ++i)
    if (reuse[i].known == Known::no || reuse[i].known == Known::file_gone) fresh.push_back(plan.tasks[i]);
  if (fresh.empty()) return std::optional<PlanForecast>{};
  auto forecast = forecast_plan(ledger, kind_of(flags), plan.terms, fresh, flags.trials);
  if (!forecast) return fail(forecast.error());
  return std::optional{*std::move(forecast)};
}

PlanSums sums_of(plan::Plan const& plan, std::vector<Reuse> const& reuse) {
  PlanSums sums;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) sums.add(plan.tasks[i], reuse[i].known);
  return sums;
}

std::string fallbacks_of(plan::PlannedTask const& task) {
  std::string text;
  for (std::size_t i = 1; i < task.route->candidates.size(); ++i) {
    plan::Candidate const& candidate = task.route->candidates[i];
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", candidate.model.str(),
                        to_string(candidate.expected));
    if (candidate.quality != task.request.quality)
      text += fmt::format(" at {}", to_string(candidate.quality));
  }
  return text.empty() ? "no fallback" : "then " + text;
}

std::string table(plan::Plan const& plan, std::vector<Reuse> const& reuse) {
  std::size_t widest = 4;
  for (auto const& task : plan.tasks) widest = std::max(widest, task.name.size());
  widest = std::min<std::size_t>(widest, 40);
  std::string text = fmt::format("{:<{}}  {:>4}  {:<22}  {:>9}  {:>8}  {:<11}  {}\n", "TASK", widest, "TAKE",
                                 "CLIP", "CREDITS", "~USD", "KNOWN", "MODEL, THEN FALLBACKS BY PRICE");
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    plan::PlannedTask const& task = plan.tasks[i];
    plan::Candidate const& first = task.route->candidates.front();
    std::string const clip =
        fmt::format("{} s {}{}{}", task.request.duration.count(), to_string(first.quality),
                    task.request.sound == Sound::on ? " sound" : "",
                    task.request.shots.empty() ? "" : fmt::format(" {} shots", task.request.shots.size()));
    text += fmt::format("{:<{}}  {:>4}  {:<22}  {:>9}  {:>8}  {:<11}  {}; {}\n", plain(task.name, widest),
                        widest, task.take, clip, to_string(first.expected),
                        approximate_usd(first.expected, plan.terms.usd_rate), name_of(reuse[i].known),
                        first.model.str(), fallbacks_of(task));
  }
  return text;
}

std::string totals(plan::PlanTerms const& terms, PlanSums const& sums) {
  std::string text =
      fmt::format("\n{} clips, {} credits ({}) at the prices of {}\n", sums.tasks, to_string(sums.all),
                  approximate_usd(sums.all, terms.usd_rate), terms.catalog_name);
  text += fmt::format("new spend {} credits ({}), {} saved by clips already made\n", to_string(sums.fresh),
                      approximate_usd(sums.fresh, terms.usd_rate), to_string(sums.saved));
  Credits const cap = terms.budget.cap;
  if (sums.over_budget > 0) text += fmt::format("{} clips left out\n", sums.over_budget);
  if (sums.fresh <= cap) return text + fmt::format("within the cap of {} credits\n", to_string(cap));
  return text + fmt::format(
                    "the cap of {} credits will bind: {} credits too little; `--fit-budget` chooses what "
                    "to make\n",
                    to_string(cap), to_string(sums.fresh - cap));
}

Result<void> write_plan(std::filesystem::path const& path, std::string_view text) {
  OutputFile file;
  if (file.open(path) && file.write(text) && file.close()) return {};
  return fail(Code::file_system, fmt::format("cannot write '{}': {}", path.string(), file.why()),
              "name a file in a folder that is there and can be written");
}

/// Only by its name a plan is told from a manifest, and a manifest must not be lost.
Result<void> check_out(PlanOptions const& flags) {
  if (flags.out.empty() || (flags.out.extension() == ".json" && flags.manifest.extension() != ".json"))
    return {};
  return fail(Code::usage, fmt::format("--out: '{}' is no name for the plan", flags.out.string()),
              "a plan's name ends in .json, a manifest's does not: `callsheet plan a.yaml --out a.json`");
}

ExitCode show_plan(PlanOptions const& flags, Globals const& globals) {
  if (auto const good = check_out(flags); !good) return refuse(good.error());
  auto const script = read_script(flags.manifest, flags.catalog);
  if (!script) return script.error();
  auto const ledger = open_if_there(globals);
  if (!ledger) return refuse(ledger.error());
  auto const gateway = gateway_name(kind_of(flags));
  if (!gateway) return refuse(gateway.error());
  auto const fit = fit_where_asked(flags, *script, ledger->get(), *gateway);
  if (!fit) return fit.error();
  plan::Plan plan;
  auto terms = plan_script(*script, *fit, [&](plan::PlannedTask&& task, std::size_t /*route*/) {
    plan.tasks.push_back(std::move(task));
  });
  if (!terms) return terms.error();
  plan.terms = *std::move(terms);
  auto reuse = look_up(ledger->get(), *gateway, plan, reusing(flags));
  if (!reuse) return refuse(reuse.error());
  for (std::size_t i = 0; i < plan.tasks.size(); ++i)
    (*reuse)[i].known = known_of(plan.tasks[i], (*reuse)[i].known);
  auto const forecast = forecast_new(flags, ledger->get(), plan, *reuse);
  if (!forecast) return refuse(forecast.error());
  PlanSums const sums = sums_of(plan, *reuse);
  if (!flags.out.empty()) {
    auto const folder = std::filesystem::absolute(flags.out).parent_path();
    if (auto written = write_plan(flags.out, to_text(plan_document(plan, *reuse, reusing(flags), *gateway,
                                                                   flags.manifest, folder)));
        !written)
      return refuse(written.error());
  }
  if (!flags.as_json) {
    std::string text = table(plan, *reuse) + text_of(breakdowns_of(plan, *reuse)) + totals(plan.terms, sums);
    if (*fit) text += (*fit)->text();
    if (*forecast) text += text_of(**forecast);
    if (flags.forecast && !*forecast) text += "\nnothing to forecast: no clip has to be made\n";
    print(text);
    return ExitCode::done;
  }
  json document =
      plan_document(plan, *reuse, reusing(flags), *gateway, flags.manifest, std::filesystem::current_path());
  document["totals"] = json_of(breakdowns_of(plan, *reuse));
  if (*fit) document["fit"] = (*fit)->json();
  if (flags.forecast) document["forecast"] = *forecast ? json_of(**forecast) : json(nullptr);
  print(to_text(document));
  return ExitCode::done;
}

}  // namespace

void add_plan(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<PlanOptions>();
  CLI::App* command =
      app.add_subcommand("plan", "Show what would be made, by which model, for how many credits");
  command->add_option("manifest", flags->manifest, "The campaign manifest (YAML)")->required();
  command->add_flag("--local", flags->local, "Count clips made by the local gateway as already made");
  command->add_flag("--fresh", flags->fresh, "Count no clip as already made");
  command->add_flag("--fit-budget", flags->fit,
                    "Where the cap is too small, choose what to make and at which quality of its ladder");
  CLI::Option* const forecast =
      command->add_flag("--forecast", flags->forecast,
                        "Simulate the run, from the ledger's history: when it ends, what it costs");
  command
      ->add_option("--trials", flags->trials,
                   "Simulated runs of the forecast (default: 100, down to 10 for large campaigns)")
      ->check(CLI::Range(1, 100'000))
      ->needs(forecast);
  command->add_option("--out", flags->out,
                      "Write the plan to this file too: `run` carries out exactly that, `diff` compares");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return show_plan(*flags, globals); }; });
}

}  // namespace callsheet::cli
