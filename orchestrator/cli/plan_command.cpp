#include "orchestrator/cli/budget_fit.hpp"
#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/plan_file.hpp"
#include "orchestrator/cli/plan_forecast.hpp"
#include "orchestrator/cli/plan_parts.hpp"
#include "orchestrator/cli/review_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/text_spool.hpp"
#include "orchestrator/cli/url_probe.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/deadline.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/plan/joint_plan.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct PlanOptions {
  Manifests manifests;
  CatalogFlags catalog;
  GatewayFlags gateway;
  ProbeFlags probe;
  bool fresh = false;
  std::set<TaskIdentity> accepted;  ///< by a review: not made anew
  bool fit = false;
  bool as_json = false;
  bool forecast = false;
  std::optional<int> trials;
  std::filesystem::path out;
  ChoiceFlags choice;
};

Reusing reusing(PlanOptions const& flags) {
  return {.made = !flags.fresh, .accepted = flags.accepted};
}

/// The choice that fits the budget, where it was asked for.
tl::expected<std::optional<BudgetFit>, ExitCode> fit_where_asked(PlanOptions const& flags,
                                                                 Script const& script, ledger::Ledger* ledger,
                                                                 std::string const& gateway) {
  if (!flags.fit) return std::optional<BudgetFit>{};
  SystemClock const clock;
  auto fit = BudgetFit::choose(script, ledger, gateway, reusing(flags), script.cap(), clock.now());
  if (!fit) return tl::unexpected{fit.error()};
  return std::optional{*std::move(fit)};
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

/// The table of a plan, a row at a time. It gets wider where longer names come up.
class PlanTable {
 public:
  explicit PlanTable(CreditsPerUsd rate) : rate_{rate} {}

  void begin(std::vector<plan::PlannedTask> const& page) {
    bool const begins = widest_ == 0;
    if (begins) widest_ = std::string_view{"TASK"}.size();
    for (auto const& task : page) widest_ = std::min(name_most, std::max(widest_, task.name.size()));
    if (!begins) return;
    text_.add(fmt::format("{:<{}}  {:>4}  {:<22}  {:>9}  {:>8}  {:<11}  {}\n", "TASK", widest_, "TAKE",
                          "CLIP", "CREDITS", "~USD", "KNOWN", "MODEL, THEN FALLBACKS BY PRICE"));
  }

  void add(plan::PlannedTask const& task, Known known) {
    plan::Candidate const& first = task.route->candidates.front();
    // Tasks in a row mostly have the same route.
    if (task.route != route_) {
      route_ = task.route;
      price_ = fmt::format("{:>9}  {:>8}", to_string(first.expected), approximate_usd(first.expected, rate_));
      models_ = fmt::format("{}; {}", first.model.str(), fallbacks_of(task));
    }
    text_.add(fmt::format("{:<{}}  {:>4}  {:<22}  {}  {:<11}  {}\n", plain(task.name, widest_), widest_,
                          task.take, clip_in_words(task), price_, name_of(known), models_));
  }

  /// With `more` below it.
  [[nodiscard]] Result<void> print(std::string_view more) {
    text_.add(more);
    return text_.print();
  }

 private:
  static constexpr std::size_t name_most = 40;
  CreditsPerUsd rate_;
  std::size_t widest_ = 0;
  std::shared_ptr<plan::Route const> route_;  ///< that `price_` and `models_` are of
  std::string price_;
  std::string models_;
  TextSpool text_;
};

/// Takes the tasks of a plan page by page; only where the whole is asked for it stays.
class PlanReading {
 public:
  PlanReading(PlanOptions const& flags, Script const& script, ledger::Ledger* ledger, GatewaySite const& site)
      : flags_{flags},
        ledger_{ledger},
        site_{site},
        parts_{axes_of(script)},
        table_{script.catalog.prices().credits_per_usd} {}

  void take(plan::PlannedTask&& task) {
    page_.push_back(std::move(task));
    if (page_.size() == ledger::task_page) close_page();
  }

  Result<void> finish() {
    close_page();
    return outcome_;
  }

  [[nodiscard]] PlanSums const& sums() const { return sums_; }
  [[nodiscard]] PlanBreakdowns const& parts() const { return parts_.sums(); }
  [[nodiscard]] PlanTable& table() { return table_; }
  /// Empty unless a document is to be written.
  [[nodiscard]] std::vector<plan::PlannedTask>& tasks() { return tasks_; }
  [[nodiscard]] std::vector<Known> const& known() const { return known_; }
  /// Empty unless they are to be forecast.
  [[nodiscard]] std::vector<plan::PlannedTask> const& to_buy() const { return to_buy_; }
  /// Of what has to be bought; empty unless they are to be looked at.
  [[nodiscard]] UrlInputs const& urls() const { return urls_; }

 private:
  static std::vector<std::string> axes_of(Script const& script) {
    std::vector<std::string> names;
    if (script.campaigns.size() > 1) names.emplace_back(plan::campaign_axis);
    for (manifest::Campaign const& campaign : script.campaigns)
      for (manifest::Axis const& axis : campaign.matrix.axes)
        if (std::find(names.begin(), names.end(), axis.name) == names.end()) names.push_back(axis.name);
    return names;
  }

  /// A plan that is written down pins what it is made from.
  [[nodiscard]] bool looks() const {
    return flags_.probe.wanted(!flags_.out.empty() && site_.kind == GatewayKind::remote);
  }

  void close_page() {
    std::vector<plan::PlannedTask> page = std::exchange(page_, {});
    if (page.empty() || !outcome_) return;
    std::vector<Known> known(page.size(), Known::no);
    if (ledger_ != nullptr && !look_up(page, known)) return;
    bool const whole = flags_.as_json || !flags_.out.empty();
    if (!flags_.as_json) table_.begin(page);
    for (std::size_t i = 0; i < page.size(); ++i) {
      known[i] = known_of(page[i], known[i]);
      sums_.add(page[i], known[i]);
      parts_.add(page[i], known[i]);
      if (!flags_.as_json) table_.add(page[i], known[i]);
      if (flags_.forecast && is_bought(known[i])) to_buy_.push_back(page[i]);
      if (looks() && is_bought(known[i])) urls_.add(page[i]);
      if (!whole) continue;
      known_.push_back(known[i]);
      tasks_.push_back(std::move(page[i]));
    }
  }

  bool look_up(std::vector<plan::PlannedTask> const& page, std::vector<Known>& known) {
    std::vector<TaskIdentity> identities;
    identities.reserve(page.size());
    for (plan::PlannedTask const& task : page) identities.push_back(task.identity);
    auto const reuse = find_reuse(*ledger_, site_.name, identities, reusing(flags_));
    if (!reuse) {
      outcome_ = fail(reuse.error());
      return false;
    }
    for (std::size_t i = 0; i < page.size(); ++i) known[i] = (*reuse)[i].known;
    return true;
  }

  PlanOptions const& flags_;
  ledger::Ledger* ledger_;
  GatewaySite const& site_;
  std::vector<plan::PlannedTask> page_;
  PlanSums sums_;
  PlanAdder parts_;
  PlanTable table_;
  std::vector<plan::PlannedTask> tasks_;
  std::vector<Known> known_;
  std::vector<plan::PlannedTask> to_buy_;
  UrlInputs urls_;
  Result<void> outcome_;
};

std::string deadline_line(Deadline const& deadline) {
  if (!deadline.at) return fmt::format("deadline {} after the run's start\n", to_string(deadline));
  bool const passed = *deadline.at <= std::chrono::floor<Duration>(std::chrono::system_clock::now());
  return fmt::format("deadline {}{}\n", to_string(deadline),
                     passed ? ", which has passed: nothing would be submitted" : "");
}

std::string totals(plan::PlanTerms const& terms, PlanSums const& sums, GatewaySite const& site) {
  std::string text =
      fmt::format("\n{}{}, {} credits ({}) at the prices of {}\n", count_of(sums.clips, "clip"),
                  sums.elements == 0 ? "" : " and " + elements_in_words(sums), to_string(sums.all),
                  approximate_usd(sums.all, terms.usd_rate), terms.catalog_name);
  text += fmt::format("new spend {} credits ({}), {} saved by clips already made\n", to_string(sums.fresh),
                      approximate_usd(sums.fresh, terms.usd_rate), to_string(sums.saved));
  text += fmt::format("gateway {}\n", plain(shown(site)));
  if (std::string const part = to_flags(terms.choice); !part.empty())
    text += fmt::format("of all tasks, these are the ones chosen by {}\n", plain(part));
  if (terms.deadline) text += deadline_line(*terms.deadline);
  Credits const cap = terms.budget.cap;
  if (sums.over_budget > 0) text += fmt::format("{} left out\n", count_of(sums.over_budget, "clip"));
  if (sums.fresh <= cap) return text + fmt::format("within the cap of {} credits\n", to_string(cap));
  return text + fmt::format(
                    "the cap of {} credits will bind: {} credits too little; `--fit-budget` chooses what "
                    "to make\n",
                    to_string(cap), to_string(sums.fresh - cap));
}

/// "market us"; a campaign that shares a run goes by its name alone.
std::string in_words(GroupCap const& group) {
  return plain(group.axis == plan::campaign_axis ? group.value
                                                 : fmt::format("{} {}", group.axis, group.value));
}

/// Groups that the cap of their own will bind: values of an axis, or campaigns that share a run.
std::string group_caps(plan::PlanTerms const& terms, PlanBreakdowns const& parts) {
  constexpr int told_most = 20;
  if (terms.budget.groups.empty()) return "";
  using Group = std::pair<std::string_view, std::string_view>;  // axis and value
  std::map<Group, Credits> fresh;
  for (PlanBreakdown const& axis : parts.axes)
    for (PlanPart const& part : axis.parts) fresh.emplace(Group{axis.by, part.value}, part.sums.fresh);
  std::string text;
  int bound = 0;
  for (GroupCap const& group : terms.budget.groups) {
    auto const part = fresh.find(Group{group.axis, group.value});
    if (part == fresh.end() || part->second <= group.cap || ++bound > told_most) continue;
    text += fmt::format("the cap of {} credits of {} will bind: {} credits too little\n",
                        to_string(group.cap), in_words(group), to_string(part->second - group.cap));
  }
  if (bound > told_most) text += fmt::format("and {} more groups with a cap that will\n", bound - told_most);
  return text;
}

Result<void> write_plan(std::filesystem::path const& path, std::string_view text) {
  WholeFile file{path};
  file.sink()(text);
  return file.publish();
}

/// Only by its name a plan is told from a manifest, and a manifest must not be lost.
Result<void> check_out(PlanOptions const& flags) {
  if (flags.out.empty() || (flags.out.extension() == ".json" &&
                            std::none_of(flags.manifests.begin(), flags.manifests.end(), is_plan_file)))
    return {};
  return fail(Code::usage, fmt::format("--out: '{}' is no name for the plan", flags.out.string()),
              "a plan's name ends in .json, a manifest's does not: `callsheet plan a.yaml --out a.json`");
}

ExitCode show_plan(PlanOptions& flags, Globals const& globals) {
  if (auto const good = check_out(flags); !good) return refuse(good.error());
  auto const choice = plan::TaskChoice::parse(flags.choice.words);
  if (!choice) return refuse(choice.error());
  for (std::string const& flag : {to_flags(flags.choice.words), std::string{flags.fit ? "--fit-budget" : ""}})
    if (auto const one = only_of_one(flags.manifests, flag); !one) return refuse(one.error());
  auto script = read_script(flags.manifests, flags.catalog);
  if (!script) return script.error();
  script->choice = *choice;
  if (flags.fresh) {
    auto accepted = accepted_in(script->output_dirs());
    if (!accepted) return refuse(accepted.error());
    flags.accepted = *std::move(accepted);
  }
  auto const site = choose_site(flags.gateway, script->campaigns, script->catalog);
  if (!site) return refuse(site.error());
  std::string const& gateway = site->name;
  auto const ledger = open_if_there(globals);
  if (!ledger) return refuse(ledger.error());
  auto const fit = fit_where_asked(flags, *script, ledger->get(), gateway);
  if (!fit) return fit.error();
  PlanReading reading{flags, *script, ledger->get(), *site};
  auto terms = plan_script(
      *script, *fit, [&](plan::PlannedTask&& task, std::size_t /*route*/) { reading.take(std::move(task)); });
  if (!terms) return terms.error();
  if (auto const read = reading.finish(); !read) return refuse(read.error());
  UrlInputs::Looked looked;
  if (!reading.urls().empty())
    looked = reading.urls().look(script->campaigns, script->catalog, flags.probe.reach(*site));
  if (!looked.errors.empty()) return refuse(looked.errors);
  std::optional<PlanForecast> outlook;
  if (!reading.to_buy().empty()) {
    auto made = forecast_plan(ledger->get(), *site, *terms, reading.to_buy(), flags.trials);
    if (!made) return refuse(made.error());
    outlook = *std::move(made);
  }
  plan::Plan const plan{.terms = *std::move(terms), .tasks = std::move(reading.tasks())};
  auto const document = [&](std::filesystem::path const& from) {
    return plan_document(plan, reading.known(), reusing(flags), gateway, flags.manifests, from, looked.pins);
  };
  if (!flags.out.empty()) {
    auto const folder = std::filesystem::absolute(flags.out).parent_path();
    if (auto written = write_plan(flags.out, to_text(document(folder))); !written)
      return refuse(written.error());
  }
  if (!flags.as_json) {
    std::string text = text_of(reading.parts()) + totals(plan.terms, reading.sums(), *site) +
                       group_caps(plan.terms, reading.parts());
    if (*fit) text += (*fit)->text();
    if (outlook) text += text_of(*outlook);
    if (flags.forecast && !outlook) text += "\nnothing to forecast: no clip has to be made\n";
    auto const printed = reading.table().print(text);
    return printed ? ExitCode::done : refuse(printed.error());
  }
  json whole = document(std::filesystem::current_path());
  whole["totals"] = json_of(reading.parts());
  if (*fit) whole["fit"] = (*fit)->json();
  if (flags.forecast) whole["forecast"] = outlook ? json_of(*outlook) : json(nullptr);
  print(to_text(whole));
  return ExitCode::done;
}

}  // namespace

void add_plan(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<PlanOptions>();
  CLI::App* command =
      app.add_subcommand("plan", "Show what would be made, by which model, for how many credits");
  command->add_option("manifest", flags->manifests, "The campaign manifest (YAML); several: as one run would")
      ->type_name("FILE")
      ->required();
  flags->gateway.add_to(*command, "Count clips made by the local gateway as already made");
  flags->probe.add_to(*command,
                      "Look at pictures and videos behind URLs (where --out pins them: the default)");
  command->add_flag("--fresh", flags->fresh,
                    "Count no clip as already made, but for those a review accepted");
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
  command
      ->add_option("--out", flags->out,
                   "Write the plan to this file too: `run` carries out exactly that, `diff` compares")
      ->type_name("FILE");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->choice.add_to(*command);
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return show_plan(*flags, globals); }; });
}

}  // namespace callsheet::cli
