#include "tests/sim/gateway_model.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::sim {

using namespace std::chrono_literals;

namespace {

Failure refusal(FailureKind kind, std::optional<std::chrono::milliseconds> retry_after = {}) {
  return {.kind = kind, .message = std::string{to_string(kind)}, .retry_after = retry_after};
}

}  // namespace

GatewayModel::Answer GatewayModel::create(Order const& order) {
  if (auto const known = by_key_.find(order.key); known != by_key_.end()) {
    Task& task = tasks_.at(known->second);
    if (weather_.idempotent) {
      ++task.times_received;
      return {.id = task.id, .failure = {}, .replayed = true};
    }
    sent_twice_.push_back(order.key);
  }
  if (!calm_) {
    if (weather_.one_model_down && order.model.ends_with("0"))
      return {.id = {}, .failure = refusal(FailureKind::model_unavailable), .status = 503};
    if (dice_.chance(weather_.rate_limited)) {
      std::optional<std::chrono::milliseconds> wait;
      if (dice_.chance(60)) wait = std::chrono::milliseconds{dice_.pick(0, 30'000)};
      return {.id = {}, .failure = refusal(FailureKind::rate_limited, wait), .status = 429};
    }
    if (dice_.chance(weather_.unavailable))
      return {.id = {}, .failure = refusal(FailureKind::model_unavailable), .status = 503};
    if (dice_.chance(weather_.refused_content))
      return {.id = {}, .failure = refusal(FailureKind::content_refused), .status = 400};
    if (dice_.chance(weather_.server_errors)) {
      // Whoever gets this cannot know whether the task was taken.
      if (dice_.chance(50)) take(order, false);
      return {.id = {}, .failure = refusal(FailureKind::temporary), .status = 500};
    }
  }
  return {.id = take(order, false).id, .failure = {}};
}

std::string GatewayModel::element_of(Task const& task) {
  return task.order.model.starts_with("maker") ? "element-of-" + task.id : "";
}

void GatewayModel::create_foreign(Order const& order) {
  take(order, true);
}

GatewayModel::Task& GatewayModel::take(Order const& order, bool foreign) {
  std::string const id = fmt::format("task-unified-{}", next_++);
  Task& task = tasks_[id];
  for (std::string const& element : order.elements)
    if (std::none_of(tasks_.begin(), tasks_.end(), [&](auto const& one) {
          return one.second.state == State::completed && element_of(one.second) == element;
        }))
      unfounded_.push_back(order.prompt);
  task.id = id;
  task.order = order;
  task.foreign = foreign;
  task.reserved = price_(order.model, order.quality, order.seconds);
  task.created = time_.now();
  task.doomed = !calm_ && dice_.chance(weather_.failing_tasks);
  constexpr FailureKind kinds[] = {FailureKind::temporary, FailureKind::model_unavailable,
                                   FailureKind::content_refused, FailureKind::no_content,
                                   FailureKind::rate_limited};
  task.failure = kinds[dice_.pick(0, 4)];
  task.length_s = order.seconds + (dice_.chance(20) ? 1 : 0);
  bool const stuck = !calm_ && dice_.chance(weather_.stuck_tasks);
  task.ends = time_.now() + (stuck ? dice_.between(3h, 20h) : dice_.between(1s, 300s));
  if (!foreign) by_key_[order.key] = id;
  time_.at(task.ends, [this, id] { end(id); });
  return task;
}

void GatewayModel::end(std::string const& id) {
  Task& task = tasks_.at(id);
  task.state = task.doomed ? State::failed : State::completed;
  task.charged = task.doomed && weather_.refunds_failed ? Credits{} : task.reserved;
  // The length decides for models that are billed by what came out.
  if (!task.doomed && task.order.model.starts_with("by-length"))
    task.charged = price_(task.order.model, task.order.quality, task.length_s);
  on_end(task);
}

GatewayModel::Task const* GatewayModel::find(std::string const& id) const {
  auto const found = tasks_.find(id);
  return found == tasks_.end() ? nullptr : &found->second;
}

GatewayModel::Task const* GatewayModel::by_key(std::string const& key) const {
  auto const found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : find(found->second);
}

std::vector<GatewayModel::Task const*> GatewayModel::list(TimePoint since) const {
  std::vector<Task const*> found;
  for (auto const& [id, task] : tasks_)
    if (task.created >= since && task.created + weather_.listing_lag <= time_.now()) found.push_back(&task);
  return found;
}

}  // namespace callsheet::sim
