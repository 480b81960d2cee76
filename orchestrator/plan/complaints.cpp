#include "orchestrator/plan/complaints.hpp"

#include "orchestrator/manifest/presets.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::plan {

void Complaints::tell(manifest::Place place, Complaint complaint) {
  errors_.add(
      campaign_.document->error(place, std::move(complaint.what), std::move(complaint.mend), complaint.code));
}

void Complaints::tell(manifest::Place place, Complaint complaint, manifest::ExpandedTask const& task) {
  errors_.add(
      campaign_.document->error(place, std::move(complaint.what), std::move(complaint.mend), complaint.code),
      manifest::context_at(place, campaign_.presets, task.name, task.context));
}

void Complaints::tell(Retake const& anew, Complaint complaint, std::string const& context) {
  errors_.add(anew.asked_in->error(anew.asked_at, std::move(complaint.what), std::move(complaint.mend),
                                   complaint.code),
              context);
}

std::string in_words(manifest::ExpandedTask const& task) {
  return task.takes == 1 ? task.name : fmt::format("{}, take {}", task.name, task.take);
}

}  // namespace callsheet::plan
