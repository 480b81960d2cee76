#pragma once

#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/task_story.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::report {

/// What a complaint needs: per clip what is wrong, ordered beside measured, the gateway's task ids with
/// models, times and bills, the request, and every line of the ledger. Local paths lose their folders and
/// links what may be a key, as in reports.
struct Dispute {
  RunHead head;
  std::vector<TaskStory> clips;
  int left_out = 0;  ///< clips that came other than ordered, too, and are not in here
};

/// Each of the differences of a clip by itself, else its reason as a whole.
[[nodiscard]] std::vector<std::string> complaints_of(ClipLine const& clip);

/// To be sent; foreign text is made harmless.
[[nodiscard]] std::string dispute_markdown(Dispute const& dispute);
/// As schemas/dispute.schema.json describes it.
[[nodiscard]] nlohmann::json dispute_json(Dispute const& dispute);

}  // namespace callsheet::report
