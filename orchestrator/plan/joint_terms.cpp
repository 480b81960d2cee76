#include "orchestrator/plan/joint_terms.hpp"

#include "orchestrator/plan/joint_plan.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

using manifest::Campaign;
using manifest::Document;
using manifest::ErrorList;
using manifest::Node;
using manifest::Place;

/// The value under "budget.daily", or null; `nearest` is moved to what there is of the way to it.
Node const* find_key(Document const& document, std::string_view key, Place& nearest) {
  Node const* node = &document.root();
  for (std::size_t at = 0; at <= key.size();) {
    std::size_t const end = std::min(key.find('.', at), key.size());
    std::string_view const name = key.substr(at, end - at);
    Node const* const inner = node->find(name);
    if (inner == nullptr) return nullptr;
    for (manifest::Entry const& entry : node->entries)
      if (entry.key == name) nearest = entry.place;
    if (inner->kind != manifest::NodeKind::map && inner->kind != manifest::NodeKind::list)
      nearest = inner->place;
    node = inner;
    at = end + 1;
  }
  return node;
}

std::string where_in_words(Document const& document, std::string_view key) {
  Place const place = place_of_key(document, key);
  return to_string(SourceLocation{document.file_of(place), place.line, place.column});
}

/// What holds for a run as a whole, and the key that says it.
struct Setting {
  std::string_view key;
  bool (*alike)(Campaign const&, Campaign const&);
};

constexpr Setting settings[] = {
    {"budget.per_task",
     [](Campaign const& a, Campaign const& b) { return a.budget.per_task == b.budget.per_task; }},
    {"budget.daily", [](Campaign const& a, Campaign const& b) { return a.budget.daily == b.budget.daily; }},
    {"budget.when_short",
     [](Campaign const& a, Campaign const& b) { return a.budget.when_short == b.budget.when_short; }},
    {"fallback.refused_content",
     [](Campaign const& a, Campaign const& b) {
       return a.fallback.refused_content == b.fallback.refused_content;
     }},
    {"gateway.idempotency",
     [](Campaign const& a, Campaign const& b) { return a.gateway.idempotency == b.gateway.idempotency; }},
    {"gateway.task_list",
     [](Campaign const& a, Campaign const& b) { return a.gateway.listing == b.gateway.listing; }},
    {"gateway.patience", [](Campaign const& a, Campaign const& b) { return a.patience == b.patience; }},
    {"webhooks", [](Campaign const& a, Campaign const& b) { return a.webhooks == b.webhooks; }},
    {"deadline", [](Campaign const& a, Campaign const& b) { return a.deadline == b.deadline; }},
    {"thresholds", [](Campaign const& a, Campaign const& b) { return a.thresholds == b.thresholds; }},
};

void tell_names(Campaigns const& campaigns, ErrorList& errors) {
  for (std::size_t i = 1; i < campaigns.size(); ++i) {
    if (campaigns[i]->name != campaigns[i - 1]->name) continue;
    Document const& one = *campaigns[i - 1]->document;
    Document const& other = *campaigns[i]->document;
    bool const twice = one.file() == other.file();
    errors.add(other.error(
        place_of_key(other, "campaign"),
        twice ? fmt::format("the manifest of `{}` is given twice", campaigns[i]->name)
              : fmt::format("`{}` is the campaign of {} too", campaigns[i]->name,
                            where_in_words(one, "campaign")),
        twice ? "give it once" : "give one of them another name: runs, files and task names go by it"));
  }
}

/// Equal windows can be compared: the smaller count, and the smaller burst.
std::optional<Rate> strictest(std::optional<Rate> const& a, std::optional<Rate> const& b, bool& comparable) {
  if (!a || !b) return a ? a : b;
  if (*a == *b) return a;
  comparable = a->window == b->window;
  auto const burst = [](Rate const& rate) {
    return rate.burst > 0 ? rate.burst : std::max(1, rate.count / 5);
  };
  Rate rate = a->count <= b->count ? *a : *b;
  rate.burst = std::min(burst(*a), burst(*b));
  return rate;
}

std::optional<int> smaller(std::optional<int> const& a, std::optional<int> const& b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

Place place_of_key(Document const& document, std::string_view key) {
  Place nearest = document.root().place;
  find_key(document, key, nearest);
  return nearest;
}

void check_they_agree(Campaigns const& campaigns, ErrorList& errors) {
  tell_names(campaigns, errors);
  Campaign const& first = *campaigns.front();
  for (Campaign const* const campaign : campaigns) {
    for (Setting const& setting : settings) {
      if (setting.alike(first, *campaign)) continue;
      Place ignored;
      bool const given = find_key(*campaign->document, setting.key, ignored) != nullptr;
      bool const given_first = find_key(*first.document, setting.key, ignored) != nullptr;
      std::string const there = where_in_words(*first.document, setting.key);
      errors.add(campaign->document->error(
          place_of_key(*campaign->document, setting.key),
          fmt::format("`{}` holds for a run as a whole, and {} says {} ({})", setting.key, campaign->name,
                      !given         ? "nothing of it, unlike " + first.name
                      : !given_first ? "it, unlike " + first.name
                                     : "something else than " + first.name,
                      there),
          "say the same in both, best in a file that both include; or run them one after the other"));
    }
  }
}

std::filesystem::path joint_output_dir(Campaigns const& campaigns, ErrorList& errors) {
  Campaign const& first = *campaigns.front();
  bool same = true;
  for (Campaign const* const campaign : campaigns) same = same && campaign->output_dir == first.output_dir;
  if (same) return first.output_dir;
  std::filesystem::path around = first.output_dir.parent_path();
  for (Campaign const* const campaign : campaigns) {
    if (campaign->output_dir.parent_path() == around) continue;
    errors.add(campaign->document->error(
        place_of_key(*campaign->document, "outputs.dir"),
        fmt::format("{} goes to '{}' and {} to '{}' ({}): there is no folder for the report of both",
                    campaign->name, campaign->output_dir.string(), first.name, first.output_dir.string(),
                    where_in_words(*first.document, "outputs.dir")),
        "let `outputs: {dir: …}` name the same folder, or folders side by side in one"));
    return {};
  }
  return around;
}

Limits joint_limits(Campaigns const& campaigns, ErrorList& errors) {
  Limits joint = campaigns.front()->limits;
  for (Campaign const* const campaign : campaigns) {
    Limits const& own = campaign->limits;
    auto const tell = [&](std::string const& key) {
      Document const& document = *campaign->document;
      errors.add(document.error(
          place_of_key(document, key),
          fmt::format("`{}` is of another window than what {} says ({}): neither is the stricter one", key,
                      campaigns.front()->name, where_in_words(*campaigns.front()->document, key)),
          "give both rates the same window, `50/1m` and `30/1m`"));
    };
    bool comparable = true;
    joint.rate = strictest(joint.rate, own.rate, comparable);
    if (!comparable) tell("limits.rate");
    joint.in_flight = std::min(joint.in_flight, own.in_flight);
    for (auto const& [model, limits] : own.models) {
      ModelLimits& there = joint.models[model];
      comparable = true;
      there.rate = strictest(there.rate, limits.rate, comparable);
      if (!comparable) tell("limits.models");
      there.in_flight = smaller(there.in_flight, limits.in_flight);
    }
  }
  return joint;
}

}  // namespace callsheet::plan
