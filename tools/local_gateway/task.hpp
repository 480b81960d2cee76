#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/time.hpp"
#include "tools/local_gateway/fault_draw.hpp"
#include "tools/local_gateway/local_gateway.hpp"
#include "tools/local_gateway/order.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::local_gateway {

/// One created generation task, from create to its last download.
struct Task {
  std::string id;
  Order order;
  std::string start_upload;  ///< id of the upload image_start names; empty: none of ours
  std::string end_upload;
  std::string video_upload;
  std::string idempotency_key;
  std::string body_digest;  ///< of the canonical body: whether a repeated key means the same request
  TimePoint created_at;
  Duration latency{0};  ///< it may not end earlier than this after created_at
  Credits price;
  TaskState state = TaskState::pending;
  bool rendered = false;   ///< the clip is there, whether or not the task has ended
  std::string link_token;  ///< makes the result link hard to guess
  std::string error_code;  ///< of a failed task, gateway-api.md 8.4
  std::string error_message;
  std::optional<TimePoint> ended_at;
  Credits charged;
  bool delivered = false;
  TaskDraw drawn;             ///< what goes wrong with it
  std::vector<Fault> faults;  ///< what went wrong with it, for the bill
};

/// What later requests name the element by that the task makes: always the same for the same task.
[[nodiscard]] std::string element_id_of(Task const& task);
/// Whether an id looks like one of those.
[[nodiscard]] bool is_element_id(std::string_view id);

[[nodiscard]] inline bool ended(Task const& task) {
  return task.state == TaskState::completed || task.state == TaskState::failed;
}

}  // namespace callsheet::local_gateway
