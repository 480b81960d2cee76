#pragma once

#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// manifest/ turns what a person wrote into a validated campaign and expands it into tasks. Every error
// carries file:line:column and how to mend it. It knows no model, no price, no network and no ledger.
namespace callsheet::manifest {

/// A spot in the manifest, ready to be shown under an error.
struct Mark {
  SourceLocation where;
  std::string source_line;
  int width = 1;
};

/// Where the fields of a task were written; shared by all tasks of one template.
struct Places {
  Mark task;
  std::map<std::string, Mark, std::less<>>
      fields;  ///< "prompt", "duration", "image_start", … as in the manifest

  /// An error at that field, or at the task when the field was not written.
  [[nodiscard]] Error blame(std::string_view field, Code code, std::string what, std::string mend) const;
};

/// Which models may stand in for one another (price decides the order).
struct Fallback {
  std::vector<std::string> allow;        ///< globs of model ids; empty: any
  std::optional<int> max_price_percent;  ///< of the cheapest candidate: 150 is one and a half times
};

/// One take of one task, all variables filled in.
struct Task {
  std::string name;
  int take = 1;
  int priority = 0;
  std::vector<std::pair<std::string, std::string>> labels;  ///< matrix values in the matrix's order
  Request request;  ///< at the first quality of the ladder; local pictures have a path, no digest yet
  std::vector<Quality> ladder;      ///< at least one
  std::vector<std::string> models;  ///< pinned model ids; empty: any
  std::filesystem::path output;     ///< relative to Campaign::output_dir, unique in the campaign
  std::shared_ptr<Places const> places;
};

class Expansion;  // private to manifest/

struct Campaign {
  std::string name;
  std::filesystem::path file;
  Budget budget;
  Limits limits;
  Fallback fallback;
  std::filesystem::path output_dir;  ///< absolute
  std::shared_ptr<Expansion const> expansion;
};

/// Reads and checks a manifest and the data files it names. All errors are collected, sorted by place.
/// Blocking.
[[nodiscard]] Checked<Campaign> load(std::filesystem::path const& file);

/// Calls `take` for every task in order, one at a time: a stream. Returns the errors that only show when
/// variables are filled in (empty: none); tasks with errors are left out.
[[nodiscard]] std::vector<Error> expand(Campaign const& campaign, std::function<void(Task)> const& take);

}  // namespace callsheet::manifest
