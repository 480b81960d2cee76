#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/storm_file.hpp"
#include "orchestrator/cli/url_probe.hpp"

#include <filesystem>
#include <string>

namespace callsheet::cli {

/// What `run` and `retake` are asked for.
struct RunOptions {
  Manifests manifests;
  CatalogFlags catalog;
  RunFlags run;
  std::string budget;
  ChoiceFlags choice;
  std::filesystem::path output_dir;
  GatewayFlags gateway;
  ProbeFlags probe;
  bool fresh = false;
  bool fit = false;
  StormFlags storm;
  /// `retake`: only what a review has rejected.
  bool retakes = false;
  std::filesystem::path review;  ///< empty: beside the report
  bool dry_run = false;
  bool as_json = false;  ///< with dry_run
};

/// From manifests, or a plan that was pinned, to a run that is carried out: a new one, after what was begun
/// has come home, or the latest that was begun, where that is of the same plan. Shows every error.
[[nodiscard]] ExitCode run_campaign(RunOptions const& options, Globals const& globals);

}  // namespace callsheet::cli
