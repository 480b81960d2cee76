#include "orchestrator/cli/plan_parts.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

constexpr std::size_t shown_most = 12;

void write(PlanBreakdown const& breakdown, std::string& text) {
  if (breakdown.parts.empty()) return;
  text += fmt::format("\n{:<32}  {:>6}  {:>12}  {:>12}\n", "BY " + plain(breakdown.by, 28), "CLIPS",
                      "CREDITS", "NEW SPEND");
  for (std::size_t i = 0; i < std::min(shown_most, breakdown.parts.size()); ++i) {
    PlanPart const& part = breakdown.parts[i];
    text += fmt::format("{:<32}  {:>6}  {:>12}  {:>12}\n", plain(part.value, 32), part.sums.clips,
                        to_string(part.sums.all), to_string(part.sums.fresh));
  }
  if (breakdown.parts.size() > shown_most)
    text += fmt::format("… and {} more (--json has all)\n", breakdown.parts.size() - shown_most);
}

json parts_json(PlanBreakdown const& breakdown) {
  json parts = json::array();
  for (PlanPart const& part : breakdown.parts)
    parts.push_back({{"value", part.value},
                     {"clips", part.sums.clips},
                     {"expected", report::amount_json(part.sums.all)},
                     {"new_spend", report::amount_json(part.sums.fresh)}});
  return parts;
}

}  // namespace

PlanAdder::PlanAdder(std::vector<std::string> const& axes) : values_(axes.size()) {
  sums_.model.by = "model";
  sums_.tags.by = "tag";
  for (std::string const& axis : axes) sums_.axes.push_back({.by = axis, .parts = {}});
}

void PlanAdder::add(plan::PlannedTask const& task, Known known) {
  add(sums_.model, models_, task.route->candidates.front().model.str(), task, known);
  for (std::string const& tag : task.tags) add(sums_.tags, tags_, tag, task, known);
  for (auto const& [axis, value] : task.labels)
    for (std::size_t i = 0; i < sums_.axes.size(); ++i)
      if (sums_.axes[i].by == axis) add(sums_.axes[i], values_[i], value, task, known);
}

void PlanAdder::add(PlanBreakdown& breakdown, Places& places, std::string const& value,
                    plan::PlannedTask const& task, Known known) {
  auto const [found, is_new] = places.try_emplace(value, breakdown.parts.size());
  if (is_new) breakdown.parts.push_back({.value = value, .sums = {}});
  breakdown.parts[found->second].sums.add(task, known);
}

std::string text_of(PlanBreakdowns const& breakdowns) {
  std::string text;
  write(breakdowns.model, text);
  for (PlanBreakdown const& axis : breakdowns.axes) write(axis, text);
  write(breakdowns.tags, text);
  return text;
}

json json_of(PlanBreakdowns const& breakdowns) {
  json axes = json::object();
  for (PlanBreakdown const& axis : breakdowns.axes) axes[axis.by] = parts_json(axis);
  return {{"model", parts_json(breakdowns.model)},
          {"axes", std::move(axes)},
          {"tags", parts_json(breakdowns.tags)}};
}

}  // namespace callsheet::cli
