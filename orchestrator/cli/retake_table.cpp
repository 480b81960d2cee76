#include "orchestrator/cli/retake_table.hpp"

#include "orchestrator/cli/plan_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

constexpr std::size_t name_most = 40;
constexpr std::size_t prompt_most = 36;

/// From where on two texts differ, a word or so before that: long prompts mostly begin alike.
std::size_t shown_from(std::string_view before, std::string_view after) {
  constexpr std::size_t context = 10;
  if (std::max(before.size(), after.size()) <= prompt_most) return 0;
  auto const differ = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  auto const same = static_cast<std::size_t>(differ.first - before.begin());
  if (same <= context) return 0;
  std::size_t const space = before.rfind(' ', same - context);
  return space == std::string_view::npos ? 0 : space + 1;
}

std::string part(std::string_view prompt, std::size_t from) {
  if (from == 0) return plain(prompt, prompt_most);
  return "…" + plain(prompt.substr(from), prompt_most - 1);
}

}  // namespace

std::string RetakeTable::prompt_of(plan::PlannedTask const& task) const {
  if (plan::is_element(task)) return "";
  if (!task.request.shots.empty()) return "as before, shot by shot";
  auto const before = list_.made_from.find(task.stands_for);
  std::string const& after = task.request.prompt;
  if (before == list_.made_from.end() || before->second == after)
    return fmt::format("as before: {}", plain(after, prompt_most));
  std::size_t const from = shown_from(before->second, after);
  return fmt::format("{} -> {}", part(before->second, from), part(after, from));
}

std::string RetakeTable::text(CreditsPerUsd rate, std::size_t most) const {
  if (tasks_.empty()) return "";
  std::size_t const rows = std::min(most, tasks_.size());
  std::size_t task_width = std::string_view{"TASK"}.size();
  std::size_t model_width = std::string_view{"MODEL"}.size();
  for (std::size_t i = 0; i < rows; ++i) {
    task_width = std::min(name_most, std::max(task_width, tasks_[i].name.size()));
    model_width = std::max(model_width, tasks_[i].route->candidates.front().model.str().size());
  }
  std::string text = fmt::format("{:<{}}  {:>4}  {:<16}  {:>9}  {:>8}  {:<{}}  {}\n", "TASK", task_width,
                                 "TAKE", "CLIP", "CREDITS", "~USD", "MODEL", model_width, "PROMPT");
  for (std::size_t i = 0; i < rows; ++i) {
    plan::PlannedTask const& task = tasks_[i];
    plan::Candidate const& first = task.route->candidates.front();
    text +=
        fmt::format("{:<{}}  {:>4}  {:<16}  {:>9}  {:>8}  {:<{}}  {}\n", plain(task.name, task_width),
                    task_width, task.take, clip_in_words(task), to_string(first.expected),
                    approximate_usd(first.expected, rate), first.model.str(), model_width, prompt_of(task));
  }
  if (rows < tasks_.size())
    text += fmt::format("and {} more: `--dry-run` shows them all\n", tasks_.size() - rows);
  return text;
}

PlanSums RetakeTable::sums() const {
  PlanSums sums;
  for (plan::PlannedTask const& task : tasks_) sums.add(task, Known::no);
  return sums;
}

std::string RetakeTable::totals(plan::PlanTerms const& terms) const {
  PlanSums const sums = this->sums();
  return fmt::format(
      "\n{} made anew{}; {} accepted and kept\nnew spend {} credits ({}) at the prices of {}\n",
      count_of(sums.clips, "clip"), sums.elements == 0 ? "" : " with " + elements_in_words(sums),
      list_.accepted, to_string(sums.fresh), approximate_usd(sums.fresh, terms.usd_rate), terms.catalog_name);
}

nlohmann::json RetakeTable::json(plan::PlanTerms const& terms, std::string const& gateway,
                                 Manifests const& manifests) const {
  using nlohmann::json;
  json document = plan_document({.terms = terms, .tasks = tasks_}, std::vector(tasks_.size(), Known::no),
                                {.made = false}, gateway, manifests, std::filesystem::current_path(), {});
  // Nothing that `run` carries out: it is a part of a campaign, and holds only with its review.
  document["format"] = "callsheet retake 1";
  document["accepted"] = list_.accepted;
  document["left_alone"] = list_.left_alone;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    auto const before = list_.made_from.find(tasks_[i].stands_for);
    json& task = document["tasks"][i];
    task["stands_for"] = plan::is_element(tasks_[i]) ? json(nullptr) : json(tasks_[i].stands_for.str());
    task["made_from"] = before == list_.made_from.end() ? json(nullptr) : json(before->second);
  }
  return document;
}

}  // namespace callsheet::cli
