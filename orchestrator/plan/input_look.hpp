#pragma once

#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/media_facts.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/complaints.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace callsheet::plan {

/// What is known of a request's inputs once they were looked at.
struct SeenInputs {
  catalog::InputFacts facts;
  bool all_good = true;  ///< none is missing, unreadable or too large
};

/// Looks at the pictures and videos that requests are made from, at each once, and notes their digests in the
/// requests. All are looked at, so that the errors of all are told. Blocks as the probes do. Refers to all it
/// is made of.
class InputLook {
 public:
  InputLook(catalog::Catalog const& catalog, MediaProbes const& probes, Complaints& complaints)
      : catalog_{catalog}, probes_{probes}, complaints_{complaints} {}

  [[nodiscard]] SeenInputs look_at(manifest::ExpandedTask& task);
  /// `request`: that of `entry`.
  [[nodiscard]] SeenInputs look_at(Request& request, manifest::ElementEntry const& entry);

 private:
  template <class Facts>
  using Probed = std::unordered_map<std::string, Result<Facts>>;

  template <class Facts, class Tell>
  bool look(MediaInput& input, std::optional<Facts>& facts, Tell const& tell);
  [[nodiscard]] Result<ImageFacts> const& probe(std::string const& path, std::optional<ImageFacts> const&);
  [[nodiscard]] Result<VideoFacts> const& probe(std::string const& path, std::optional<VideoFacts> const&);

  catalog::Catalog const& catalog_;
  MediaProbes const& probes_;
  Complaints& complaints_;
  Probed<ImageFacts> images_;
  Probed<VideoFacts> videos_;
};

/// Edited and followed videos say how long the clip is; only where nobody can look, the manifest does.
void follow_video(manifest::ExpandedTask& task, catalog::InputFacts const& inputs, Complaints& complaints);

}  // namespace callsheet::plan
