#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/source_location.hpp"
#include "orchestrator/plan/route.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

// plan/ turns a campaign and a catalog into tasks with priced routes. It knows no network, clock or ledger.
namespace callsheet::plan {

/// A matrix value of a task, for grouping: {"locale", "de"}.
using Label = std::pair<std::string, std::string>;

/// One clip wanted (one take of a task), with everything needed to get it made.
struct PlannedTask {
  TaskIdentity identity;
  std::string name;
  int take = 1;
  int priority = 0;
  std::vector<Label> labels;  ///< in the matrix's order
  Request request;            ///< at the first quality of the ladder; local pictures carry their digest
  std::vector<Quality> ladder;
  Route route;
  std::filesystem::path output;  ///< relative to Plan::output_dir, unique in the plan, never leaves it
  SourceLocation where;          ///< the task in its manifest
  friend bool operator==(PlannedTask const&, PlannedTask const&) = default;
};

struct Plan {
  std::string campaign;
  Budget budget;
  Limits limits;
  std::filesystem::path output_dir;  ///< absolute
  CreditsPerUsd usd_rate{68};
  std::string catalog_name;  ///< which dated price list, e.g. "evolink 2026-10-10"
  std::vector<PlannedTask> tasks;
};

}  // namespace callsheet::plan
