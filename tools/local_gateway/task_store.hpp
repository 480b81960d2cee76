#pragma once

#include "tools/local_gateway/task.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callsheet::local_gateway {

/// What GET /v1/tasks may ask for; empty fields match all (gateway-api.md section 3).
struct TaskFilter {
  std::string status;  ///< "processing" includes pending
  std::string type;
  std::string model;
  std::size_t page = 1;
  std::size_t page_size = 20;
};

struct TaskPage {
  std::vector<Task const*> tasks;  ///< newest first
  std::size_t total = 0;
};

/// All tasks in the order they were created, found by id and by idempotency key. References stay valid.
class TaskStore {
 public:
  Task& add(Task task);
  [[nodiscard]] Task* find(std::string_view id);
  [[nodiscard]] Task* find_by_key(std::string_view idempotency_key);
  /// The completed task that made the element; null when there is none.
  [[nodiscard]] Task const* find_element(std::string_view element_id) const;
  [[nodiscard]] TaskPage list(TaskFilter const& filter) const;
  [[nodiscard]] std::deque<Task>& all() { return tasks_; }
  [[nodiscard]] std::deque<Task> const& all() const { return tasks_; }

 private:
  std::deque<Task> tasks_;
  std::unordered_map<std::string_view, Task*> by_id_;  // views into the tasks themselves
  std::unordered_map<std::string_view, Task*> by_key_;
  std::unordered_map<std::string, Task*> by_element_;
};

}  // namespace callsheet::local_gateway
