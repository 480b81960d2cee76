#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/complaints.hpp"
#include "orchestrator/plan/named_models.hpp"
#include "orchestrator/plan/retakes.hpp"
#include "orchestrator/plan/router.hpp"

#include <string>

namespace callsheet::plan {

enum class Unseen { none, inputs };

/// Says why no model makes what a task or an element asks for. Refers to all it is made of.
class Refusals {
 public:
  Refusals(manifest::Campaign const& campaign, catalog::Catalog const& catalog, NamedModels const& models,
           Complaints& complaints)
      : campaign_{campaign}, catalog_{catalog}, models_{models}, complaints_{complaints} {}

  /// `unseen`: whether inputs could not be looked at, which was told. `anew`: how the task is made anew;
  /// null: it is not.
  void tell(manifest::ExpandedTask const& task, Refusal const& refusal, Unseen unseen, Retake const* anew);
  /// Of an element.
  void tell(std::string const& name, manifest::ElementEntry const& entry, Refusal const& refusal);

 private:
  void tell_cannot(manifest::ExpandedTask const& task, catalog::Obstacle const& obstacle, Unseen unseen,
                   Retake const* anew);
  void tell_not_allowed(manifest::ExpandedTask const& task);

  manifest::Campaign const& campaign_;
  catalog::Catalog const& catalog_;
  NamedModels const& models_;
  Complaints& complaints_;
};

}  // namespace callsheet::plan
