#include "orchestrator/cli/known_values.hpp"

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/environment.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr int runs_most = 20;
constexpr std::size_t tasks_most = 200;  // of a run that may have a million

/// The value of a flag; bash takes --flag=value apart into three words.
std::string value_of(std::string_view flag, std::vector<std::string> const& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view const word = words[i];
    if (word.starts_with(flag) && word.substr(flag.size()).starts_with('='))
      return std::string{word.substr(flag.size() + 1)};
    if (word != flag) continue;
    std::size_t const at = i + 1 < words.size() && words[i + 1] == "=" ? i + 2 : i + 1;
    return at < words.size() ? words[at] : std::string{};
  }
  return {};
}

void add(std::vector<KnownValue>& values, std::string value, std::string_view meaning) {
  // One a line, a tab before the meaning: what would break that, or a terminal, is not offered.
  if (value.empty() || plain(value) != value) return;
  values.push_back({.value = std::move(value), .meaning = plain(meaning, 60)});
}

std::vector<KnownValue> runs_of(ledger::Ledger& ledger) {
  std::vector<KnownValue> values;
  auto const runs = ledger.runs(runs_most);
  if (!runs) return values;
  for (ledger::RunSummary const& run : *runs)
    add(values, run.id.str(), fmt::format("{}, {}", run.campaign, to_string(run.status)));
  return values;
}

/// The run that the words name, else the latest.
std::optional<RunId> run_in(ledger::Ledger& ledger, std::vector<std::string> const& words) {
  for (std::string const& word : words)
    if (auto const run = ledger.summary(RunId{word})) return run->id;
  auto const latest = ledger.runs(1);
  if (!latest || latest->empty()) return std::nullopt;
  return latest->front().id;
}

std::vector<KnownValue> tasks_of(ledger::Ledger& ledger, RunId const& run) {
  std::vector<KnownValue> values;
  auto const tasks = ledger.tasks(run, TaskId{0}, tasks_most);
  if (!tasks) return values;
  for (ledger::TaskRecord const& task : *tasks)
    if (task.take == 1) add(values, task.name, to_string(task.outcome));
  return values;
}

std::vector<KnownValue> doubts_of(ledger::Ledger& ledger, RunId const& run) {
  std::vector<KnownValue> values;
  auto const pending = ledger.pending(run);
  if (!pending) return values;
  auto const tasks = (*pending)->with_money_out();
  if (!tasks) return values;
  for (ledger::TaskRecord const& task : *tasks)
    for (ledger::AttemptRecord const& attempt : task.attempts)
      if (attempt.state == AttemptState::in_doubt)
        add(values, to_string(attempt.key), fmt::format("{}, {}", task.name, attempt.model.str()));
  return values;
}

std::vector<KnownValue> of_ledger(std::string_view kind, Globals globals,
                                  std::vector<std::string> const& words) {
  if (std::string const file = value_of("--ledger", words); !file.empty()) globals.ledger = file;
  auto const ledger = open_for_reading(globals);
  if (!ledger) return {};
  if (kind == "RUN") return runs_of(**ledger);
  auto const run = run_in(**ledger, words);
  if (!run) return {};
  return kind == "TASK" ? tasks_of(**ledger, *run) : doubts_of(**ledger, *run);
}

std::string use_of(catalog::Model const& model) {
  std::string text;
  for (Mode const mode : model.modes) text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(mode));
  return text.empty() ? model.does : text;
}

std::vector<KnownValue> of_catalog(std::string_view kind, std::vector<std::string> const& words) {
  std::string file = value_of("--catalog", words);
  if (file.empty()) file = environment("CALLSHEET_CATALOG");
  std::vector<KnownValue> values;
  auto const catalog = catalog::load({.file = file, .price_list = {}});
  if (!catalog) return values;
  if (kind == "MODEL")
    for (catalog::Model const& model : catalog->models) add(values, model.id.str(), use_of(model));
  if (kind == "GATEWAY")
    for (GatewayProfile const& gateway : catalog->gateways) add(values, gateway.name, gateway.base_url);
  if (kind == "PRICES")
    for (catalog::PriceList const& prices : catalog->price_lists) add(values, prices.name, prices.source);
  return values;
}

}  // namespace

std::vector<KnownValue> known_values(std::string_view kind, Globals globals,
                                     std::vector<std::string> const& words) {
  bool const in_ledger = kind == "RUN" || kind == "TASK" || kind == "ATTEMPT";
  return in_ledger ? of_ledger(kind, std::move(globals), words) : of_catalog(kind, words);
}

}  // namespace callsheet::cli
