#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"

#include <filesystem>
#include <string>

#include <CLI/App.hpp>

namespace callsheet::cli {

/// Which catalog and prices: flags that several commands share.
struct CatalogFlags {
  std::filesystem::path file;
  std::string prices;
  void add_to(CLI::App& command);
};

[[nodiscard]] Result<catalog::Catalog> load(CatalogFlags const& flags);

/// Manifest, catalog and pictures to a plan; shows every error. Empty: the exit code says why.
struct PlannedCampaign {
  plan::Plan plan;
  catalog::Catalog catalog;
};
[[nodiscard]] tl::expected<PlannedCampaign, ExitCode> plan_campaign(std::filesystem::path const& manifest,
                                                                    CatalogFlags const& flags);

/// What an earlier run of this ledger and gateway means for a task of the plan.
enum class Known {
  no,           ///< has to be bought
  made,         ///< in place: nothing is bought
  file_gone,    ///< was made, but the file is no longer there: has to be bought again
  outstanding,  ///< another run has paid for it, or may have: not bought
};
struct Reuse {
  Known known = Known::no;
  ledger::KnownClip clip;
};

/// One entry a task. Fails when the ledger does.
[[nodiscard]] Result<std::vector<Reuse>> find_reuse(ledger::Ledger& ledger, std::string const& gateway,
                                                    plan::Plan const& plan);

/// Credits of all tasks, at the prices of their chosen candidates.
[[nodiscard]] Credits expected_cost(plan::Plan const& plan);

/// Credits of the tasks that have to be bought.
[[nodiscard]] Credits new_spend(plan::Plan const& plan, std::vector<Reuse> const& reuse);

}  // namespace callsheet::cli
