#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/gateway/input_urls.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/plan/outline.hpp"
#include "orchestrator/plan/plan.hpp"

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include <CLI/App.hpp>

namespace callsheet::cli {

/// Whether pictures and videos that stand behind a URL are looked at: flags that several commands share.
struct ProbeFlags {
  bool on = false;
  bool off = false;
  bool anywhere = false;
  void add_to(CLI::App& command, char const* on_means);
  /// `otherwise`: where no flag says it.
  [[nodiscard]] bool wanted(bool otherwise) const { return on || (otherwise && !off); }
  /// What is near may use what is near.
  [[nodiscard]] gateway::InputReach reach(GatewaySite const& site) const {
    return anywhere || site.distance == Distance::near ? gateway::InputReach::anywhere
                                                       : gateway::InputReach::https_public;
  }
};

/// The pictures and videos of tasks that stand behind a URL: each is fetched once and looked at, as a local
/// one is, before a credit is spent. What they are bears on no task's identity or price.
class UrlInputs {
 public:
  void add(plan::PlannedTask const& task);
  [[nodiscard]] bool empty() const { return inputs_.empty(); }

  struct Looked {
    std::vector<plan::PinnedInput> pins;  ///< by address
    std::vector<Error> errors;  ///< what cannot be fetched, and what a task's first model does not take
  };
  /// Blocks; tells on stderr that it does. `campaigns`: those of the tasks.
  [[nodiscard]] Looked look(std::vector<manifest::Campaign> const& campaigns, catalog::Catalog const& catalog,
                            gateway::InputReach reach) const;

 private:
  /// A task as far as its inputs go; those that are alike stand here once.
  struct Use {
    std::string task;
    SourceLocation where;
    ModelId model;
    Request request;  ///< without its texts
  };
  struct Input {
    bool as_picture = false;
    bool as_video = false;
    std::size_t first_use = 0;
  };
  struct Seen;
  class Looking;

  void note(MediaInput const& input, bool as_video);

  std::map<std::string, Input> inputs_;  ///< by address
  std::vector<Use> uses_;
  std::unordered_set<std::string> known_;  ///< uses, in short
};

}  // namespace callsheet::cli
