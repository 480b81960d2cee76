#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/manifest/twins.hpp"
#include "orchestrator/plan/complaints.hpp"
#include "orchestrator/plan/retakes.hpp"

#include <string>
#include <unordered_map>

namespace callsheet::plan {

/// Holds a campaign to asking for each clip once. All tasks go by a first time, and where any() suspects
/// something a second time: whatever is noted the first time is looked for the second. Refers to all it is
/// made of.
class ClipsOnce {
 public:
  ClipsOnce(manifest::Document const& document, Complaints& complaints)
      : document_{document}, complaints_{complaints} {}

  /// The first time.
  void note(TaskIdentity const& identity) { twins_.note(identity.str()); }
  /// Between the two: whether a second time is worth while.
  [[nodiscard]] bool any() { return twins_.any(); }
  /// The second time: complains where an earlier task asks for the same. `anew`: how the task is made anew;
  /// null: it is not.
  void look_for_twin(manifest::ExpandedTask const& task, TaskIdentity const& identity, Retake const* anew);

 private:
  /// Who asked for a clip.
  struct Asker {
    manifest::TaskTemplate const* source;
    std::string name;
    Retake const* anew;
    std::string words;
  };

  void tell_of_twin(Retake const& anew, std::string const& task, std::string const& other);

  manifest::Document const& document_;
  Complaints& complaints_;
  manifest::Twins twins_;
  std::unordered_map<std::string, Asker> askers_;  ///< of suspects, by what they ask for
};

}  // namespace callsheet::plan
