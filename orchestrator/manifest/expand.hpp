#pragma once

#include "orchestrator/core/request.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace callsheet::manifest {

/// One clip wanted, as the manifest says it: not yet known to be possible.
struct ExpandedTask {
  std::string name;
  int take = 1;
  int takes = 1;
  int priority = 0;
  std::int64_t value = 10'000;  ///< in 1/10,000
  std::vector<std::pair<std::string, std::string>>
      labels;                        ///< the axes it refers to; a row shows its first cell
  std::vector<std::string> tags;     ///< each once, as written
  std::optional<Deadline> deadline;  ///< of its own
  Request request;  ///< at the ladder's first quality; local pictures: absolute path, no digest yet
  std::vector<Quality> ladder;           ///< at least one
  std::vector<ModelId> models;           ///< pinned; empty: any
  bool duration_is_own = false;          ///< the task itself says it
  std::filesystem::path output;          ///< relative, safe, unique in the campaign
  TaskTemplate const* source = nullptr;  ///< lives in the campaign
  std::string context;  ///< which combination it is, for errors: " (product: products.csv:3, locale: de)";
                        ///< may be empty
};

struct ExpandLimits {
  std::size_t combinations_max = 1'000'000;
  std::size_t tasks_max = 1'000'000;
};

using TaskSink = std::function<void(ExpandedTask&&)>;

/// Makes the campaign's tasks one after the other: for each combination of the matrix (first axis slowest),
/// each entry of `tasks`, each take. An entry is repeated only along the axes it (or outputs.file) refers to.
/// Memory: a few bytes a task. Errors go to `errors`; tasks with errors of their own are not handed on, but
/// of two with the same name or file both are. Returns the number of tasks handed on.
std::size_t expand(Campaign const& campaign, TaskSink const& sink, ErrorList& errors,
                   ExpandLimits limits = {});

}  // namespace callsheet::manifest
