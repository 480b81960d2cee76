#include "orchestrator/cli/plan_parts.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

constexpr std::size_t shown_most = 12;

class Breakdown {
 public:
  explicit Breakdown(std::string by) : result_{.by = std::move(by), .parts = {}} {}

  void add(std::string_view value, plan::PlannedTask const& task, Known known) {
    auto const [found, is_new] = places_.try_emplace(std::string{value}, result_.parts.size());
    if (is_new) result_.parts.push_back({.value = std::string{value}, .sums = {}});
    result_.parts[found->second].sums.add(task, known);
  }
  PlanBreakdown take() { return std::move(result_); }

 private:
  PlanBreakdown result_;
  std::unordered_map<std::string, std::size_t> places_;
};

void write(PlanBreakdown const& breakdown, std::string& text) {
  if (breakdown.parts.empty()) return;
  text += fmt::format("\n{:<32}  {:>6}  {:>12}  {:>12}\n", "BY " + plain(breakdown.by, 28), "CLIPS",
                      "CREDITS", "NEW SPEND");
  for (std::size_t i = 0; i < std::min(shown_most, breakdown.parts.size()); ++i) {
    PlanPart const& part = breakdown.parts[i];
    text += fmt::format("{:<32}  {:>6}  {:>12}  {:>12}\n", plain(part.value, 32), part.sums.tasks,
                        to_string(part.sums.all), to_string(part.sums.fresh));
  }
  if (breakdown.parts.size() > shown_most)
    text += fmt::format("… and {} more (--json has all)\n", breakdown.parts.size() - shown_most);
}

json parts_json(PlanBreakdown const& breakdown) {
  json parts = json::array();
  for (PlanPart const& part : breakdown.parts)
    parts.push_back({{"value", part.value},
                     {"clips", part.sums.tasks},
                     {"expected", report::amount_json(part.sums.all)},
                     {"new_spend", report::amount_json(part.sums.fresh)}});
  return parts;
}

}  // namespace

PlanBreakdowns breakdowns_of(plan::Plan const& plan, std::vector<Reuse> const& reuse) {
  Breakdown by_model{"model"};
  std::vector<Breakdown> by_axis;
  std::unordered_map<std::string_view, std::size_t> axes;
  for (std::string const& axis : plan.terms.axes) {
    axes.emplace(axis, by_axis.size());
    by_axis.emplace_back(axis);
  }
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    plan::PlannedTask const& task = plan.tasks[i];
    by_model.add(task.route->candidates.front().model.str(), task, reuse[i].known);
    for (auto const& [axis, value] : task.labels)
      if (auto const found = axes.find(axis); found != axes.end())
        by_axis[found->second].add(value, task, reuse[i].known);
  }
  PlanBreakdowns breakdowns{.model = by_model.take(), .axes = {}};
  for (Breakdown& one : by_axis) breakdowns.axes.push_back(one.take());
  return breakdowns;
}

std::string text_of(PlanBreakdowns const& breakdowns) {
  std::string text;
  write(breakdowns.model, text);
  for (PlanBreakdown const& axis : breakdowns.axes) write(axis, text);
  return text;
}

json json_of(PlanBreakdowns const& breakdowns) {
  json axes = json::object();
  for (PlanBreakdown const& axis : breakdowns.axes) axes[axis.by] = parts_json(axis);
  return {{"model", parts_json(breakdowns.model)}, {"axes", std::move(axes)}};
}

}  // namespace callsheet::cli
