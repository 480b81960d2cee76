#pragma once

#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/task.hpp"
#include "tools/local_gateway/uploads.hpp"

#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json_fwd.hpp>

/// The journal's lines: one JSON object each, `record` names its kind. Times are microseconds since 1970,
/// money is UC. A task's request is kept as it came, and read again on replay.
namespace callsheet::local_gateway {

struct Opened {
  Credits balance;
};
struct Created {
  Task task;
};
struct Ended {
  std::string id;
  TaskState state = TaskState::completed;
  TimePoint at;
  Credits charged;
  std::string error_code;
  std::string error_message;
};
struct Delivered {
  std::string id;
};
using Record = std::variant<Opened, Upload, Created, Ended, Delivered>;

std::string opened_line(Credits balance);
std::string upload_line(Upload const& upload);
std::string created_line(Task const& task, nlohmann::json const& body);
std::string ended_line(Task const& task);
std::string delivered_line(Task const& task);

/// Fails with Code::bad_answer when the line is none of the above.
[[nodiscard]] Result<Record> read_record(std::string_view line);

}  // namespace callsheet::local_gateway
