#include "orchestrator/plan/own_elements.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

/// What a task that makes an element is called is this and the element's name.
constexpr std::string_view element_prefix = "element ";

std::optional<OwnElement> plan_element(manifest::Document const& document, std::string const& name,
                                       manifest::ElementEntry const& entry, OwnElements::Means means) {
  Request request = entry.request;
  SeenInputs const seen = means.look.look_at(request, entry);
  std::vector<Quality> const ladder{request.quality};
  Routed routed = means.router.route(Wish{request, ladder, {}, seen.facts});
  if (routed.refusal) means.refusals.tell(name, entry, *routed.refusal);
  if (!seen.all_good || routed.refusal) return std::nullopt;
  TaskIdentity identity = identity_of(request, ladder, 1);
  return OwnElement{.task = {.identity = std::move(identity),
                             .name = std::string{element_prefix} + name,
                             .priority = element_priority,
                             .labels = {},
                             .tags = {},
                             .deadline = {},
                             .groups = {},
                             .request = std::move(request),
                             .ladder = ladder,
                             .route = {},
                             .output = {},
                             .where = {document.file_of(entry.place), entry.place.line, entry.place.column}},
                    .route = std::move(routed.route)};
}

}  // namespace

void OwnElements::plan(manifest::Campaign const& campaign, Means means) {
  std::map<TaskIdentity, std::string> names;
  for (auto const& [name, entry] : campaign.elements) {
    if (!entry.made) continue;
    std::optional<OwnElement> own = plan_element(*campaign.document, name, entry, means);
    if (!own) continue;
    auto const [twin, fresh] = names.emplace(own->task.identity, name);
    if (!fresh)
      means.complaints.tell(
          entry.place, {.what = fmt::format("`{}` is made from the very same as `{}`", name, twin->second),
                        .mend = "keep one of the two: they would be one element"});
    elements_.emplace(name, *std::move(own));
  }
}

void OwnElements::identify(Request& request) const {
  for (Element& element : request.elements)
    if (auto const own = elements_.find(element.name); element.id.empty() && own != elements_.end())
      element.made_by = own->second.task.identity;
}

std::vector<OwnElement*> OwnElements::first_shown_by(Request const& request) {
  std::vector<OwnElement*> fresh;
  for (Element const& element : request.elements) {
    auto const own = elements_.find(element.name);
    if (element.made_by.empty() || own == elements_.end()) continue;
    if (!std::exchange(own->second.handed_on, true)) fresh.push_back(&own->second);
  }
  return fresh;
}

void OwnElements::check_name(manifest::ExpandedTask const& task, Complaints& complaints) const {
  if (!task.name.starts_with(element_prefix) || !elements_.contains(task.name.substr(element_prefix.size())))
    return;
  complaints.tell(task.source->place_of(manifest::TaskKey::name),
                  {.what = fmt::format("`{}` is what the task is called that makes the element", task.name),
                   .mend = "give the task another name"},
                  task);
}

}  // namespace callsheet::plan
