#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/plan/complaints.hpp"
#include "orchestrator/plan/input_look.hpp"
#include "orchestrator/plan/plan.hpp"
#include "orchestrator/plan/refusals.hpp"
#include "orchestrator/plan/route.hpp"
#include "orchestrator/plan/router.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::plan {

/// What makes one of the campaign's own elements, priced.
struct OwnElement {
  PlannedTask task;
  Route route;
  bool handed_on = false;
};

/// The elements that a campaign makes itself: one task each, before the first clip that shows it.
class OwnElements {
 public:
  struct Means {
    InputLook& look;
    Router& router;
    Refusals& refusals;
    Complaints& complaints;
  };

  /// All are looked at, so that the errors of all are told; only those that are shown are made.
  void plan(manifest::Campaign const& campaign, Means means);

  /// Notes in the request which of its elements are the campaign's own.
  void identify(Request& request) const;
  /// Those that the request shows and no earlier one did, in its order: they count as handed on from now.
  [[nodiscard]] std::vector<OwnElement*> first_shown_by(Request const& request);

  /// Attempts and stories are found by name: a task must not be called what makes an element.
  void check_name(manifest::ExpandedTask const& task, Complaints& complaints) const;

 private:
  std::map<std::string, OwnElement> elements_;  ///< by name
};

}  // namespace callsheet::plan
