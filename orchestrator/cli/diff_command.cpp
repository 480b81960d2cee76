#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/plan_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/amount_json.hpp"
#include "orchestrator/report/markdown_text.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

enum class DiffFormat { as_text, as_json, as_markdown };

struct DiffOptions {
  std::filesystem::path before;
  std::filesystem::path after;
  CatalogFlags catalog;
  GatewayFlags gateway;
  DiffFormat format = DiffFormat::as_text;
};

/// A plan file as it stands, a manifest as it is planned now.
tl::expected<plan::Outline, ExitCode> outline(std::filesystem::path const& path, DiffOptions const& flags,
                                              ledger::Ledger* ledger) {
  if (is_plan_file(path)) {
    Result<plan::Outline> read = read_plan_file(path);
    if (!read) return tl::unexpected{refuse(read.error())};
    return *std::move(read);
  }
  auto script = read_script({path}, flags.catalog);
  if (!script) return tl::unexpected{script.error()};
  auto const site = choose_site(flags.gateway, script->campaigns, script->catalog);
  if (!site) return tl::unexpected{refuse(site.error())};
  return outline_script(*script, {path}, ledger, site->name);
}

/// A line of the list: what became of one clip.
struct Line {
  char sign = ' ';
  std::string task;
  std::string credits;
  std::string what;
};

std::string title(plan::OutlinedTask const& task) {
  return task.take == 1 ? task.name : fmt::format("{} ({})", task.name, task.take);
}

std::string price(plan::OutlinedTask const& task) {
  return to_string(task.prices.front().expected);
}

std::string change_of_price(plan::OutlineChange const& change) {
  return price(change.before) == price(change.after)
             ? price(change.after)
             : fmt::format("{} -> {}", price(change.before), price(change.after));
}

std::string model_of(plan::OutlinedTask const& task) {
  return fmt::format("{} {}", task.prices.front().model.str(), to_string(task.prices.front().quality));
}

std::vector<Line> lines_of(plan::OutlineDifference const& difference) {
  std::vector<Line> lines;
  for (plan::OutlinedTask const& task : difference.added)
    lines.push_back({'+', title(task), price(task), model_of(task)});
  for (plan::OutlinedTask const& task : difference.removed)
    lines.push_back({'-', title(task), price(task), model_of(task)});
  for (plan::OutlineChange const& change : difference.changed)
    lines.push_back({'~', title(change.after), change_of_price(change),
                     fmt::format("made anew: {}", fmt::join(change.what, "; "))});
  for (plan::OutlineChange const& change : difference.repriced)
    lines.push_back({'$', title(change.after), change_of_price(change),
                     fmt::format("the same clip: {}", fmt::join(change.what, "; "))});
  for (plan::OutlineChange const& change : difference.renamed)
    lines.push_back({'=', title(change.after), change_of_price(change),
                     fmt::format("the same clip, was {}", title(change.before))});
  return lines;
}

std::string signed_text(Credits amount) {
  return amount > Credits{} ? "+" + to_string(amount) : to_string(amount);
}

struct Sums {
  std::string cost, to_buy;
};

Sums sums_of(plan::OutlineDifference const& difference, CreditsPerUsd rate) {
  Credits const more = difference.cost_after - difference.cost_before;
  return {
      .cost = fmt::format("{} -> {} credits for all clips: {} ({})", to_string(difference.cost_before),
                          to_string(difference.cost_after), signed_text(more), approximate_usd(more, rate)),
      .to_buy = fmt::format("{} to buy once the old plan is made, for {} credits ({})", difference.to_buy,
                            to_string(difference.new_spend), approximate_usd(difference.new_spend, rate))};
}

std::string text_of(plan::OutlineDifference const& difference, CreditsPerUsd rate) {
  std::string text;
  for (Line const& line : lines_of(difference))
    text += fmt::format("{} {:<40}  {:>20}  {}\n", line.sign, plain(line.task, 40), line.credits,
                        plain(line.what));
  Sums const sums = sums_of(difference, rate);
  text += fmt::format("{}{} the same\n{}\n{}\n", text.empty() ? "" : "\n", difference.same, sums.cost,
                      sums.to_buy);
  return text;
}

std::string markdown_of(plan::Outline const& after, plan::OutlineDifference const& difference,
                        CreditsPerUsd rate) {
  std::map<char, std::string_view> const words{
      {'+', "added"}, {'-', "removed"}, {'~', "changed"}, {'$', "price"}, {'=', "renamed"}};
  Sums const sums = sums_of(difference, rate);
  // The marker is how a bot finds its own comment again.
  std::string text =
      fmt::format("<!-- callsheet diff {} -->\n### callsheet: {}\n\n", report::markdown_words(after.campaign),
                  report::markdown_words(after.campaign));
  text += fmt::format("**{}**  \n{}  \n{} the same\n", report::markdown_words(sums.to_buy),
                      report::markdown_words(sums.cost), difference.same);
  std::vector<Line> const lines = lines_of(difference);
  if (lines.empty()) return text;
  text += "\n| | clip | credits | what |\n| --- | --- | ---: | --- |\n";
  for (Line const& line : lines)
    text += fmt::format("| {} | {} | {} | {} |\n", words.at(line.sign), report::markdown_words(line.task),
                        report::markdown_words(line.credits), report::markdown_words(line.what));
  return text;
}

json task_json(plan::OutlinedTask const& task) {
  return {{"task", task.name},
          {"take", task.take},
          {"model", task.prices.front().model.str()},
          {"quality", to_string(task.prices.front().quality)},
          {"expected", report::amount_json(task.prices.front().expected)},
          {"known", task.known}};
}

json tasks_json(std::vector<plan::OutlinedTask> const& tasks) {
  json list = json::array();
  for (plan::OutlinedTask const& task : tasks) list.push_back(task_json(task));
  return list;
}

json changes_json(std::vector<plan::OutlineChange> const& changes) {
  json list = json::array();
  for (plan::OutlineChange const& change : changes)
    list.push_back(
        {{"before", task_json(change.before)}, {"after", task_json(change.after)}, {"what", change.what}});
  return list;
}

json json_of(plan::OutlineDifference const& difference) {
  return {{"added", tasks_json(difference.added)},
          {"removed", tasks_json(difference.removed)},
          {"changed", changes_json(difference.changed)},
          {"repriced", changes_json(difference.repriced)},
          {"renamed", changes_json(difference.renamed)},
          {"same", difference.same},
          {"cost_before", report::amount_json(difference.cost_before)},
          {"cost_after", report::amount_json(difference.cost_after)},
          {"to_buy", difference.to_buy},
          {"new_spend", report::amount_json(difference.new_spend)}};
}

ExitCode show_difference(DiffOptions const& flags, Globals const& globals) {
  auto const ledger = open_if_there(globals);
  if (!ledger) return refuse(ledger.error());
  auto const before = outline(flags.before, flags, ledger->get());
  if (!before) return before.error();
  auto const after = outline(flags.after, flags, ledger->get());
  if (!after) return after.error();
  plan::OutlineDifference const difference = plan::compare(*before, *after);
  auto const terms = plan::decode_terms(after->terms);
  CreditsPerUsd const rate = terms ? terms->usd_rate : plan::PlanTerms{}.usd_rate;
  switch (flags.format) {
    case DiffFormat::as_text:
      print(text_of(difference, rate));
      break;
    case DiffFormat::as_json:
      print(to_text(json_of(difference)));
      break;
    case DiffFormat::as_markdown:
      print(markdown_of(*after, difference, rate));
      break;
  }
  return ExitCode::done;
}

}  // namespace

void add_diff(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<DiffOptions>();
  CLI::App* command = app.add_subcommand(
      "diff", "Compare two manifests or plan files: what is new, gone or changed, and what that costs");
  command->add_option("old", flags->before, "A manifest, or what `plan --out` wrote")
      ->type_name("FILE")
      ->required();
  command->add_option("new", flags->after, "The same")->type_name("FILE")->required();
  flags->gateway.add_to(*command, "Count clips made by the local gateway as already made");
  std::map<std::string, DiffFormat> const formats{
      {"text", DiffFormat::as_text}, {"json", DiffFormat::as_json}, {"markdown", DiffFormat::as_markdown}};
  command->add_option("--format", flags->format, "text, json, or markdown for a pull request")
      ->transform(CLI::CheckedTransformer(formats).description("{text,json,markdown}"));
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return show_difference(*flags, globals); }; });
}

}  // namespace callsheet::cli
