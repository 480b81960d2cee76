#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/playground_form.hpp"
#include "orchestrator/core/media_facts.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::cli {

/// Why a form's clip cannot be made, and which of its fields that is about.
struct FormMistake {
  std::string field;  ///< a manifest's key; empty: none of the form's own
  std::string what;
  std::string mend;
};

/// What a form comes to, found by planning the very manifest that would be run.
struct PlaygroundQuote {
  std::optional<plan::PlannedTask> task;  ///< empty: there are mistakes
  std::vector<FormMistake> mistakes;
  std::vector<plan::Candidate> offers;  ///< of all models that can do it, by price
  std::vector<plan::LeftOut> left_out;  ///< and of those that cannot
  Credits most;                         ///< whatever comes: the cap that it is made under
  Reuse made;                           ///< by an earlier run
};

/// Prices forms. Nothing is bought, and no network asked.
class PlaygroundPricing {
 public:
  struct Place {
    std::filesystem::path folder;                                  ///< of its manifests; absolute
    std::function<std::string(std::string const& id)> frame_path;  ///< from there
    std::string gateway;                                           ///< as the ledger calls it
  };
  /// `catalog` outlives it.
  PlaygroundPricing(catalog::Catalog const& catalog, Place place);

  /// `ledger`: null where there is none yet. Fails as the ledger does.
  [[nodiscard]] Result<PlaygroundQuote> quote(PlaygroundForm const& form, ledger::Ledger* ledger) const;
  /// What would be run for it, under that name.
  [[nodiscard]] std::string manifest(PlaygroundForm const& form, std::string const& name, Credits cap) const;

 private:
  [[nodiscard]] Checked<plan::Plan> planned(PlaygroundForm const& form, PlaygroundTerms const& terms) const;
  [[nodiscard]] std::vector<FormMistake> mistakes_of(std::vector<Error> errors) const;

  catalog::Catalog const& catalog_;
  Place place_;
  MediaProbes probes_;
};

}  // namespace callsheet::cli
