#include "tools/local_gateway/task_store.hpp"

#include "orchestrator/core/digest.hpp"

namespace callsheet::local_gateway {

namespace {

constexpr std::string_view element_prefix = "element-";

Task* found(std::unordered_map<std::string_view, Task*> const& index, std::string_view name) {
  auto const entry = index.find(name);
  return entry == index.end() ? nullptr : entry->second;
}

bool matches(Task const& task, TaskFilter const& filter) {
  if (!filter.type.empty() && filter.type != "video") return false;
  if (!filter.model.empty() && filter.model != task.order.model) return false;
  if (filter.status == "processing") return !ended(task);
  return filter.status.empty() || filter.status == to_string(task.state);
}

}  // namespace

std::string_view to_string(TaskState state) {
  switch (state) {
    case TaskState::pending:
      return "pending";
    case TaskState::processing:
      return "processing";
    case TaskState::completed:
      return "completed";
    case TaskState::failed:
      return "failed";
  }
  return "";
}

std::string element_id_of(Task const& task) {
  return std::string{element_prefix} + sha256_hex("element " + task.id).substr(0, 16);
}

bool is_element_id(std::string_view id) {
  return id.starts_with(element_prefix);
}

Task const* TaskStore::find_element(std::string_view element_id) const {
  auto const made = by_element_.find(std::string{element_id});
  bool const there = made != by_element_.end() && made->second->state == TaskState::completed;
  return there ? made->second : nullptr;
}

Task& TaskStore::add(Task task) {
  Task& kept = tasks_.emplace_back(std::move(task));
  by_id_.emplace(kept.id, &kept);
  if (!kept.idempotency_key.empty()) by_key_.emplace(kept.idempotency_key, &kept);
  if (kept.order.element) by_element_.emplace(element_id_of(kept), &kept);
  return kept;
}

Task* TaskStore::find(std::string_view id) {
  return found(by_id_, id);
}

Task* TaskStore::find_by_key(std::string_view idempotency_key) {
  return found(by_key_, idempotency_key);
}

TaskPage TaskStore::list(TaskFilter const& filter) const {
  TaskPage page;
  std::size_t const first = (filter.page - 1) * filter.page_size;
  for (auto task = tasks_.rbegin(); task != tasks_.rend(); ++task) {
    if (!matches(*task, filter)) continue;
    if (page.total >= first && page.tasks.size() < filter.page_size) page.tasks.push_back(&*task);
    ++page.total;
  }
  return page;
}

}  // namespace callsheet::local_gateway
