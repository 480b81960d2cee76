#include "orchestrator/plan/task_groups.hpp"

#include <algorithm>
#include <optional>

namespace callsheet::plan {

GroupSet TaskGroups::of(manifest::ExpandedTask const& task, Budget& budget) {
  GroupSet groups;
  for (manifest::GroupRule const& rule : campaign_.groups) {
    std::string const& axis = campaign_.matrix.axes[rule.axis].name;
    auto const label = std::find_if(task.labels.begin(), task.labels.end(),
                                    [&](auto const& one) { return one.first == axis; });
    if (label == task.labels.end()) continue;
    auto const own = rule.of.find(label->second);
    std::optional<Credits> const cap = own != rule.of.end() ? std::optional{own->second} : rule.each;
    if (!cap) continue;
    auto const [known, fresh] = numbers_.emplace(std::pair{rule.axis, label->second}, budget.groups.size());
    if (fresh) budget.groups.push_back({.axis = axis, .value = label->second, .cap = *cap});
    groups.indexes[groups.size++] = static_cast<std::uint16_t>(known->second);
  }
  return groups;
}

}  // namespace callsheet::plan
