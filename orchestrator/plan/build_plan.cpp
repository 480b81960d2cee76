#include "orchestrator/plan/build_plan.hpp"

#include "orchestrator/plan/router.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

/// The objections of the model that comes closest: what the user is told when no model can do a task.
struct Nearest {
  catalog::Model const* model = nullptr;
  std::vector<catalog::Objection> objections;
};

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
    errors_ = manifest::expand(campaign_, [&](manifest::Task task) { add(std::move(task)); });
    for (auto const& [key, error] : found_) errors_.push_back(error);
    if (errors_.empty()) return std::move(plan_);
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](Error const& a, Error const& b) { return a.where < b.where; });
    return tl::unexpected{std::move(errors_)};
  }

 private:
  void add(manifest::Task task) {
    Request& request = task.request;
    bool const pictures_read = read_picture(task, "image_start", request.image_start) &&
                               read_picture(task, "image_end", request.image_end);
    if (!pictures_read || !models_exist(task)) return;
    RouteRules const rules{.pinned = task.models,
                           .allow = campaign_.fallback.allow,
                           .max_price_percent = campaign_.fallback.max_price_percent,
                           .per_task = campaign_.budget.per_task};
    catalog::Pictures const pictures{facts_of(request.image_start), facts_of(request.image_end)};
    PlannedTask planned{.identity = {},
                        .name = std::move(task.name),
                        .take = task.take,
                        .priority = task.priority,
                        .labels = std::move(task.labels),
                        .request = request,
                        .ladder = task.ladder,
                        .route = find_route(catalog_, request, task.ladder, pictures, rules),
                        .output = std::move(task.output),
                        .where = task.places->task.where};
    if (planned.route.candidates.empty()) return explain_no_route(task, planned, pictures);
    planned.identity = identity_of(planned.request, planned.ladder, planned.take);
    auto const [other, is_new] = by_identity_.try_emplace(planned.identity, planned.name);
    if (!is_new)
      return blame(task, "name",
                   fmt::format("'{}' asks for exactly the same clip as '{}'", planned.name, other->second),
                   "use `takes: 2` for several versions of one clip, or change the prompt");
    plan_.tasks.push_back(std::move(planned));
  }

  /// One error a place and text: a template's mistake is told once, not once for each task made from it.
  void blame(manifest::Task const& task, std::string_view field, std::string what, std::string mend,
             Code code = Code::invalid_manifest) {
    Error error = task.places->blame(field, code, std::move(what), std::move(mend));
    std::tuple key{error.where, error.what};
    found_.try_emplace(std::move(key), std::move(error));
  }

  bool read_picture(manifest::Task const& task, char const* field, std::optional<ImageInput>& image) {
    if (!image || image->kind == ImageInput::Kind::url) return true;
    auto [known, is_new] = pictures_.try_emplace(image->location);
    if (is_new) known->second.emplace(probe_(image->location));
    Result<ImageFacts> const& facts = *known->second;
    if (!facts) {
      blame(task, field, facts.error().what,
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

  bool models_exist(manifest::Task const& task) {
    for (std::string const& id : task.models) {
      if (catalog_.find(ModelId{id}) != nullptr) continue;
      blame(task, "model", fmt::format("the catalog has no model '{}'", id), "see `callsheet models`");
      return false;
    }
    return true;
  }

  void explain_no_route(manifest::Task const& task, PlannedTask const& planned, catalog::Pictures pictures) {
    Nearest nearest;
    for (catalog::Model const& model : catalog_.models) {
      bool const pinned =
          std::find(task.models.begin(), task.models.end(), model.id.str()) != task.models.end();
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
      return blame(task, "name", fmt::format("no model may do '{}': {}", planned.name, why),
                   "widen fallback.allow or budget.per_task", Code::no_candidate);
    }
    for (catalog::Objection const& objection : nearest.objections) {
      std::string const browse = fmt::format("`callsheet models --mode {}` lists what each model can do",
                                             to_string(planned.request.mode));
      blame(task, objection.field, objection.why,
            objection.mend.empty() ? browse : fmt::format("{}; {}", objection.mend, browse),
            Code::no_candidate);
    }
  }

  manifest::Campaign const& campaign_;
  catalog::Catalog const& catalog_;
  ImageProbe const& probe_;
  Plan plan_;
  std::map<std::tuple<SourceLocation, std::string>, Error> found_;
  std::vector<Error> errors_;
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
