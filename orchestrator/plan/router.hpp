#pragma once

#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/plan/route.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::plan {

/// Which models a campaign allows, and how dear they may be.
struct RoutingRules {
  std::vector<std::string> allow;               ///< globs of model ids; empty: every model
  std::optional<std::int64_t> max_price_ratio;  ///< in 1/10,000 of the cheapest candidate of the same quality
  std::optional<Credits> per_task;              ///< dearer candidates are left out
};

/// What one task wants of a model.
struct Wish {
  Request const& request;
  std::vector<Quality> const& ladder;
  std::vector<ModelId> const& pinned;  ///< empty: any model
  catalog::InputFacts const& inputs;
};

/// Why a task has no candidate at all.
struct Refusal {
  enum class Kind {
    cannot,       ///< the nearest model cannot do it: `obstacles` say why
    too_dear,     ///< every model that can is above budget.per_task; `cheapest` is what it would take
    not_allowed,  ///< neither pin nor fallback.allow leave a model of this mode
  };
  Kind kind = Kind::cannot;
  std::vector<catalog::Obstacle> obstacles;
  Credits cheapest;
};

struct Routed {
  Route route;
  std::optional<Refusal> refusal;  ///< set exactly when there is no candidate
};

/// The candidates of a task: rung by rung of its ladder, each rung ordered by expected price for this very
/// request, ties in the catalog's order. Models of another mode, and of families nobody asked for, are
/// not mentioned; the others that cannot or may not do it are left out with the reason. Pure.
[[nodiscard]] Routed route(catalog::Catalog const& catalog, RoutingRules const& rules, Wish const& wish);

/// A model that comes into question, and why the manifest does not allow it (empty: it does).
struct Standing {
  catalog::Model const* model = nullptr;
  std::string forbidden;
};

/// The same for many tasks of one campaign: which models come into question for a mode is only found out
/// once. `catalog` and `rules` outlive it and stay as they are.
class Router {
 public:
  Router(catalog::Catalog const& catalog, RoutingRules const& rules) : catalog_{catalog}, rules_{rules} {}
  [[nodiscard]] Routed route(Wish const& wish);

 private:
  catalog::Catalog const& catalog_;
  RoutingRules const& rules_;
  std::map<Mode, std::vector<Standing>> standings_;  ///< for tasks that name no model
};

/// Whether `text` fits `glob`, where `*` stands for any text and `?` for one character. Pure.
[[nodiscard]] bool matches(std::string_view glob, std::string_view text);

}  // namespace callsheet::plan
