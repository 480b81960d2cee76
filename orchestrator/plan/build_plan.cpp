#include "orchestrator/plan/build_plan.hpp"

#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/router.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

/// The objections of the model that comes closest: what the user is told when no model can do a task.
struct Nearest {
  catalog::Model const* model = nullptr;
  std::vector<catalog::Objection> objections;
};

manifest::TaskKey key_of(std::string_view field) {
  using enum manifest::TaskKey;
  for (auto const& [name, key] :
       {std::pair{"mode", mode}, {"prompt", prompt}, {"negative_prompt", negative_prompt}, {"image_start", image_start},
        {"image_end", image_end}, {"duration", duration}, {"quality", quality}, {"sound", sound},
        {"aspect_ratio", aspect_ratio}, {"shots", shots}, {"watermark", watermark}})
    if (field == name) return key;
  return manifest::TaskKey::name;
}

class Builder {
 public:
  Builder(manifest::Campaign const& campaign, catalog::Catalog const& catalog, ImageProbe const& probe)
      : campaign_{campaign}, catalog_{catalog}, probe_{probe} {}

  Checked<Plan> build() {
    plan_.campaign = campaign_.name;
    plan_.budget = campaign_.budget;
    plan_.limits = campaign_.limits;
    plan_.output_dir = campaign_.output_dir;
    plan_.usd_rate = catalog_.prices.credits_per_usd;
    plan_.catalog_name = catalog_.prices.name;
    for (auto const& glob : campaign_.fallback.allow) allow_.push_back(glob.pattern);
    check_limits();
    manifest::expand(campaign_, [&](manifest::ExpandedTask&& task) { add(std::move(task)); }, errors_);
    if (errors_.empty()) return std::move(plan_);
    return tl::unexpected{errors_.take()};
  }

 private:
  /// A limit for a model that does not exist is a slip of the pen that would go unnoticed.
  void check_limits() {
    for (auto const& [model, place] : campaign_.limit_places)
      if (catalog_.find(model) == nullptr)
        errors_.add(campaign_.document->error(place, fmt::format("the catalog has no model '{}'", model.str()),
                                              "see `callsheet models`"));
  }

  void add(manifest::ExpandedTask task) {
    Request& request = task.request;
    bool const pictures_read = read_picture(task, manifest::TaskKey::image_start, request.image_start) &&
                               read_picture(task, manifest::TaskKey::image_end, request.image_end);
    if (!pictures_read || !models_exist(task)) return;
    RouteRules const rules{.pinned = task.models,
                           .allow = allow_,
                           .max_price_ratio = campaign_.fallback.max_price_ratio,
                           .per_task = campaign_.budget.per_task};
    catalog::Pictures const pictures{facts_of(request.image_start), facts_of(request.image_end)};
    PlannedTask planned{.identity = {},
                        .name = task.name,
                        .take = task.take,
                        .priority = task.priority,
                        .labels = std::move(task.labels),
                        .request = request,
                        .ladder = task.ladder,
                        .route = find_route(catalog_, request, task.ladder, pictures, rules),
                        .output = std::move(task.output),
                        .where = {campaign_.document->file(), task.source->place.line, task.source->place.column}};
    if (planned.route.candidates.empty()) return explain_no_route(task, planned, pictures);
    planned.identity = identity_of(planned.request, planned.ladder, planned.take);
    auto const [other, is_new] = by_identity_.try_emplace(planned.identity, planned.name);
    if (!is_new)
      return blame(task, manifest::TaskKey::name,
                   fmt::format("'{}' asks for exactly the same clip as '{}'", planned.name, other->second),
                   "use `takes: 2` for several versions of one clip, or change the prompt");
    plan_.tasks.push_back(std::move(planned));
  }

  void blame(manifest::ExpandedTask const& task, manifest::TaskKey key, std::string const& what, std::string mend,
             Code code = Code::invalid_manifest) {
    errors_.add(campaign_.document->error(task.source->place_of(key), what + task.context, std::move(mend), code));
  }

  bool read_picture(manifest::ExpandedTask const& task, manifest::TaskKey key, std::optional<ImageInput>& image) {
    if (!image || image->kind == ImageInput::Kind::url) return true;
    auto [known, is_new] = pictures_.try_emplace(image->location);
    if (is_new) known->second.emplace(probe_(image->location));
    Result<ImageFacts> const& facts = *known->second;
    if (!facts) {
      blame(task, key, facts.error().what,
            facts.error().mend.empty() ? "paths are relative to the manifest's folder" : facts.error().mend,
            facts.error().code);
      return false;
    }
    image->digest = facts->digest;
    return true;
  }

  [[nodiscard]] ImageFacts const* facts_of(std::optional<ImageInput> const& image) const {
    if (!image || image->kind == ImageInput::Kind::url) return nullptr;
    auto const known = pictures_.find(image->location);
    return known != pictures_.end() && *known->second ? &**known->second : nullptr;
  }

  bool models_exist(manifest::ExpandedTask const& task) {
    for (ModelId const& id : task.models) {
      if (catalog_.find(id) != nullptr) continue;
      blame(task, manifest::TaskKey::model, fmt::format("the catalog has no model '{}'", id.str()), "see `callsheet models`");
      return false;
    }
    return true;
  }

  void explain_no_route(manifest::ExpandedTask const& task, PlannedTask const& planned, catalog::Pictures pictures) {
    Nearest nearest;
    for (catalog::Model const& model : catalog_.models) {
      bool const pinned =
          std::find(task.models.begin(), task.models.end(), model.id) != task.models.end();
      if (task.models.empty() ? model.mode != planned.request.mode : !pinned) continue;
      auto objections = catalog::objections(model, planned.request, pictures);
      if (objections.empty()) continue;
      if (nearest.model == nullptr || objections.size() < nearest.objections.size())
        nearest = {&model, std::move(objections)};
    }
    if (nearest.model == nullptr) {
      std::string const why =
          planned.route.left_out.empty()
              ? "the catalog has no model for it"
              : fmt::format("{}: {}", planned.route.left_out[0].model.str(), planned.route.left_out[0].why);
      return blame(task, manifest::TaskKey::name, fmt::format("no model may do '{}': {}", planned.name, why),
                   "widen fallback.allow or budget.per_task", Code::no_candidate);
    }
    for (catalog::Objection const& objection : nearest.objections) {
      std::string const browse = fmt::format("`callsheet models --mode {}` lists what each model can do",
                                             to_string(planned.request.mode));
      blame(task, key_of(objection.field), objection.why,
            objection.mend.empty() ? browse : fmt::format("{}; {}", objection.mend, browse),
            Code::no_candidate);
    }
  }

  manifest::Campaign const& campaign_;
  catalog::Catalog const& catalog_;
  ImageProbe const& probe_;
  Plan plan_;
  std::vector<std::string> allow_;
  manifest::ErrorList errors_;
  std::unordered_map<std::string, std::optional<Result<ImageFacts>>> pictures_;
  std::unordered_map<TaskIdentity, std::string> by_identity_;
};

}  // namespace

Checked<Plan> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                         ImageProbe const& probe) {
  return Builder{campaign, catalog, probe}.build();
}

Credits expected_cost(Plan const& plan) {
  Credits sum;
  for (PlannedTask const& task : plan.tasks) sum += task.route.candidates.front().expected;
  return sum;
}

}  // namespace callsheet::plan
