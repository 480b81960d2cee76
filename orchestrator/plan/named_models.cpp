#include "orchestrator/plan/named_models.hpp"

#include "orchestrator/manifest/suggest.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace callsheet::plan {

RoutingRules routing_rules(manifest::Campaign const& campaign) {
  RoutingRules rules;
  rules.max_price_ratio = campaign.fallback.max_price_ratio;
  rules.per_task = campaign.budget.per_task;
  for (auto const& glob : campaign.fallback.allow) rules.allow.push_back(glob.pattern);
  return rules;
}

void NamedModels::check() {
  std::vector<std::string> const ids = catalog_.model_ids();
  for (auto const& [id, place] : campaign_.limit_places)
    if (catalog_.find(id) == nullptr)
      complaints_.tell(place, {.what = fmt::format("there is no model `{}`", id.str()),
                               .mend = manifest::mend_with_choices(id.str(), ids)});
  for (auto const& glob : campaign_.fallback.allow) {
    auto const fits = [&](std::string const& id) { return matches(glob.pattern, id); };
    if (std::any_of(ids.begin(), ids.end(), fits)) continue;
    allow_is_wrong_ = true;
    complaints_.tell(glob.place, {.what = fmt::format("no model is named `{}`", glob.pattern),
                                  .mend = manifest::mend_with_choices(glob.pattern, ids)});
  }
}

bool NamedModels::check(manifest::ExpandedTask const& task) {
  bool good = true;
  for (std::size_t i = 0; i < task.models.size(); ++i) {
    if (catalog_.find(task.models[i]) != nullptr) continue;
    good = false;
    complaints_.tell(task.source->models[i].place(),
                     {.what = fmt::format("there is no model `{}`", task.models[i].str()),
                      .mend = manifest::mend_with_choices(task.models[i].str(), catalog_.model_ids())},
                     task);
  }
  return good;
}

}  // namespace callsheet::plan
