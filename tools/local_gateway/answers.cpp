#include "tools/local_gateway/answers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

std::string text_of(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::int64_t unix_seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Plain credits as a JSON number: at most four decimals, a whole number without any.
json plain(Credits amount) {
  if (amount.units() % Credits::units_per_credit == 0) return amount.units() / Credits::units_per_credit;
  return static_cast<double>(amount.units()) / static_cast<double>(Credits::units_per_credit);
}

bool in_uc(Task const& task, CreditsUnit unit) {
  return unit == CreditsUnit::uc ||
         (unit == CreditsUnit::by_model && task.order.model.starts_with("kling-v3"));
}

/// How long a task is thought to take, for `estimated_time` and progress.
Duration expected_time(Task const& task) {
  return std::max<Duration>(task.latency, std::chrono::seconds{1});
}

std::string state_text(Task const& task, TimePoint now) {
  if (ended(task)) return std::string{to_string(task.state)};
  return std::string{to_string(progress_of(task, now) < 5 ? TaskState::pending : TaskState::processing)};
}

json billing(Task const& task) {
  bool const charged = task.charged > Credits{};
  json value{{"refund_scope", "account_balance"},
             {"charge_status", charged ? "charged" : "released"},
             {"refund_status", charged ? "not_required" : "completed"},
             {"reserved_credits", plain(task.price)},
             {"charged_credits", plain(task.charged)},
             {"refunded_credits", plain(task.price - task.charged)}};
  if (!charged) value["refunded_at"] = unix_seconds(task.ended_at.value());
  return value;
}

json task_value(Task const& task, TimePoint now, AnswerStyle const& style) {
  json value{{"created", unix_seconds(task.created_at)},
             {"id", task.id},
             {"model", task.order.model},
             {"object", "video.generation.task"},
             {"progress", progress_of(task, now)},
             {"status", state_text(task, now)},
             {"task_info", {{"can_cancel", !ended(task)}}},
             {"type", "video"}};
  if (task.state == TaskState::completed && task.order.element)
    value["result_data"] = {{"element_id", element_id_of(task)}};
  else if (task.state == TaskState::completed)
    value["results"] = json::array({style.base_url + result_path(task)});
  if (task.state == TaskState::failed)
    value["error"] = {{"code", task.error_code}, {"message", task.error_message}, {"type", "task_error"}};
  if (ended(task) && style.billing && !task.drawn.hide_billing) {
    value["billing"] = billing(task);
    value["usage"] = {{"credits_used", plain(task.charged)}};
  }
  return value;
}

/// "2026-11-23T20:15:00+08:00": the files host's way with times.
std::string in_shanghai(TimePoint time) {
  std::string text = format_rfc3339(time + std::chrono::hours{8});
  text.pop_back();
  return text + "+08:00";
}

json line_value(BillLine const& line) {
  return {{"id", line.task_id},
          {"model", line.model},
          {"idempotency_key", line.idempotency_key.empty() ? json(nullptr) : json(line.idempotency_key)},
          {"reserved_uc", line.reserved.units()},
          {"charged_uc", line.charged.units()},
          {"refunded_uc", line.refunded.units()},
          {"status", to_string(line.state)},
          {"created_at", format_rfc3339(line.created_at)},
          {"delivered", line.delivered},
          {"faults", line.faults}};
}

}  // namespace

int progress_of(Task const& task, TimePoint now) {
  if (task.state == TaskState::completed) return 100;
  if (task.state == TaskState::failed) return 0;
  double const share = std::chrono::duration<double>{std::max(now - task.created_at, Duration{0})} /
                       std::chrono::duration<double>{expected_time(task)};
  return static_cast<int>(99.0 * (1.0 - std::exp(-2.0 * share)));
}

std::string result_path(Task const& task) {
  return fmt::format("/results/{}/{}.mp4", task.id, task.link_token);
}

std::string create_answer(Task const& task, AnswerStyle const& style, PriceTelling telling) {
  json usage{{"billing_rule", task.order.element ? "per_call" : "per_second"}, {"user_group", "default"}};
  bool const uc = in_uc(task, style.unit) != (telling == PriceTelling::other_unit);
  if (telling != PriceTelling::absent)
    usage["credits_reserved"] = uc ? json(task.price.units()) : plain(task.price);
  auto const estimated = std::chrono::ceil<std::chrono::seconds>(expected_time(task));
  json info{{"can_cancel", true}, {"estimated_time", estimated.count()}};
  if (!task.order.element) info["video_duration"] = task.order.seconds;
  return text_of({{"created", unix_seconds(task.created_at)},
                  {"id", task.id},
                  {"model", task.order.model},
                  {"object", "video.generation.task"},
                  {"progress", 0},
                  {"status", "pending"},
                  {"task_info", std::move(info)},
                  {"type", "video"},
                  {"usage", std::move(usage)}});
}

std::string task_answer(Task const& task, TimePoint now, AnswerStyle const& style) {
  return text_of(task_value(task, now, style));
}

std::string batch_answer(std::vector<Task const*> const& tasks, TimePoint now, AnswerStyle const& style) {
  json data = json::array();
  for (Task const* const task : tasks) data.push_back(task_value(*task, now, style));
  return text_of({{"code", 200}, {"data", std::move(data)}});
}

std::string list_answer(TaskPage const& page, TaskFilter const& filter, TimePoint now) {
  json data = json::array();
  for (Task const* const task : page.tasks) {
    bool const has_clip = task->state == TaskState::completed && !task->order.element;
    json entry{{"id", task->id},
               {"model", task->order.model},
               {"type", "video"},
               {"status", state_text(*task, now)},
               {"progress", progress_of(*task, now)},
               {"created_at", unix_seconds(task->created_at)},
               {"has_results", has_clip},
               {"result_count", has_clip ? 1 : 0},
               {"has_error", task->state == TaskState::failed},
               {"credits_used", plain(task->charged)}};
    if (!task->order.element) entry["duration"] = task->order.seconds;
    data.push_back(std::move(entry));
  }
  return text_of({{"object", "list"},
                  {"data", std::move(data)},
                  {"total", page.total},
                  {"page", filter.page},
                  {"page_size", filter.page_size}});
}

std::string credits_answer(Account const& account) {
  json const key{{"remaining_credits", 99999.9999},
                 {"used_credits", plain(account.charged())},
                 {"unlimited_credits", true}};
  json const user{{"remaining_credits", plain(account.remaining())},
                  {"used_credits", plain(account.charged())}};
  return text_of({{"success", true}, {"message", ""}, {"data", {{"token", key}, {"user", user}}}});
}

std::string upload_answer(Upload const& upload, std::string const& base_url) {
  return text_of({{"success", true},
                  {"code", 200},
                  {"msg", "File uploaded successfully"},
                  {"data",
                   {{"file_id", upload.id},
                    {"file_name", upload.file_name},
                    {"original_name", upload.original_name},
                    {"file_size", size_of(upload)},
                    {"mime_type", mime_type_of(upload)},
                    {"upload_path", upload.folder},
                    {"file_url", base_url + link_path(upload)},
                    {"download_url", base_url + "/api/v1/files/download/" + upload.id},
                    {"upload_time", in_shanghai(upload.uploaded_at)},
                    {"expires_at", in_shanghai(upload.expires_at)}}}});
}

std::string quota_answer(std::size_t used, std::size_t most) {
  return text_of({{"success", true},
                  {"code", 200},
                  {"msg", "success"},
                  {"data",
                   {{"user_group", "default"},
                    {"used_files", used},
                    {"max_files", most},
                    {"remain_files", most > used ? most - used : 0},
                    {"is_custom", false},
                    {"quota_reason", "default"}}}});
}

std::string audit_answer(Bill const& bill) {
  json lines = json::array();
  for (BillLine const& line : bill.lines) lines.push_back(line_value(line));
  json faults = json::object();
  for (FaultCount const& fault : bill.faults) faults[fault.name] = fault.count;
  return text_of({{"lines", std::move(lines)},
                  {"faults", std::move(faults)},
                  {"totals",
                   {{"tasks", bill.lines.size()},
                    {"opening_uc", bill.opening.units()},
                    {"reserved_uc", bill.reserved.units()},
                    {"charged_uc", bill.charged.units()},
                    {"refunded_uc", bill.refunded.units()},
                    {"remaining_uc", bill.remaining.units()}}}});
}

std::string refusal_answer(Refusal const& refusal) {
  json error{{"code", refusal.code}, {"message", refusal.message}, {"type", refusal.type}};
  if (!refusal.param.empty()) error["param"] = refusal.param;
  return text_of({{"error", std::move(error)}});
}

std::string files_refusal_answer(int code, std::string const& message) {
  return text_of({{"success", false}, {"code", code}, {"msg", message}});
}

}  // namespace callsheet::local_gateway
