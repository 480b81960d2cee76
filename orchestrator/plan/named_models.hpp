#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/complaints.hpp"
#include "orchestrator/plan/router.hpp"

namespace callsheet::plan {

/// How the campaign has its tasks routed.
[[nodiscard]] RoutingRules routing_rules(manifest::Campaign const& campaign);

/// Whether the models that a manifest names are in the catalog. Refers to all it is made of.
class NamedModels {
 public:
  NamedModels(manifest::Campaign const& campaign, catalog::Catalog const& catalog, Complaints& complaints)
      : campaign_{campaign}, catalog_{catalog}, complaints_{complaints} {}

  /// Those of `limits` and `fallback`.
  void check();
  /// Those that the task names itself.
  [[nodiscard]] bool check(manifest::ExpandedTask const& task);
  /// What check() has found: a glob of `fallback.allow` that no model fits.
  [[nodiscard]] bool allow_is_wrong() const { return allow_is_wrong_; }

 private:
  manifest::Campaign const& campaign_;
  catalog::Catalog const& catalog_;
  Complaints& complaints_;
  bool allow_is_wrong_ = false;
};

}  // namespace callsheet::plan
