#pragma once

#include "tools/local_gateway/account.hpp"
#include "tools/local_gateway/refusal.hpp"
#include "tools/local_gateway/task_store.hpp"
#include "tools/local_gateway/uploads.hpp"

#include <string>

/// The bodies of all answers, as JSON text. Pure. Source: gateway-api.md sections 3, 5, 8, 9 and 10.
namespace callsheet::local_gateway {

/// What an answer about a task needs to know beside it.
struct AnswerStyle {
  CreditsUnit unit = CreditsUnit::by_model;
  bool billing = true;
  std::string base_url;
};

/// Whether a create answer tells the price as it should.
enum class PriceTelling { right, other_unit, absent };
std::string create_answer(Task const& task, AnswerStyle const& style,
                          PriceTelling telling = PriceTelling::right);
std::string task_answer(Task const& task, TimePoint now, AnswerStyle const& style);
std::string batch_answer(std::vector<Task const*> const& tasks, TimePoint now, AnswerStyle const& style);
std::string list_answer(TaskPage const& page, TaskFilter const& filter, TimePoint now);
std::string credits_answer(Account const& account);
std::string upload_answer(Upload const& upload, std::string const& base_url);
std::string quota_answer(std::size_t used, std::size_t most);
std::string audit_answer(Bill const& bill);
std::string refusal_answer(Refusal const& refusal);
/// The files host's form of an error.
std::string files_refusal_answer(int code, std::string const& message);

/// 0..99 while a task runs, and never falling; 100 when completed, 0 when failed.
[[nodiscard]] int progress_of(Task const& task, TimePoint now);
/// The path of a result link: "/results/TASK/TOKEN.mp4".
std::string result_path(Task const& task);

}  // namespace callsheet::local_gateway
