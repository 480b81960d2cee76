#pragma once

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/retakes.hpp"

#include <string>
#include <vector>

namespace callsheet::plan {

/// What is wrong and how to mend it.
struct Complaint {
  std::string what;
  std::string mend;
  Code code = Code::invalid_manifest;
};

/// What planning finds wrong with a manifest, each mistake once at its place. Refers to the campaign.
class Complaints {
 public:
  explicit Complaints(manifest::Campaign const& campaign) : campaign_{campaign} {}

  void tell(manifest::Place place, Complaint complaint);
  /// Met by `task`, which the message names where many tasks share the place.
  void tell(manifest::Place place, Complaint complaint, manifest::ExpandedTask const& task);
  /// About the prompt of a retake, where that is asked for: not in the manifest. `context` as ErrorList has
  /// it.
  void tell(Retake const& anew, Complaint complaint, std::string const& context = {});
  /// About no place at all.
  void tell(Error error) { errors_.add(std::move(error)); }

  [[nodiscard]] bool empty() const { return errors_.empty(); }
  /// For those who find mistakes of their own.
  [[nodiscard]] manifest::ErrorList& list() { return errors_; }
  /// Sorted by place.
  [[nodiscard]] std::vector<Error> take() { return errors_.take(); }

 private:
  manifest::Campaign const& campaign_;
  manifest::ErrorList errors_;
};

/// Whether the retake's prompt is none of the manifest's; `anew` null: the task is not made anew.
[[nodiscard]] inline bool is_asked_elsewhere(Retake const* anew) {
  return anew != nullptr && anew->asked_in != nullptr;
}

/// "hero", "hero, take 2"
[[nodiscard]] std::string in_words(manifest::ExpandedTask const& task);

}  // namespace callsheet::plan
