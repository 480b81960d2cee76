#include "orchestrator/core/failure.hpp"

#include <array>
#include <utility>

namespace callsheet {

namespace {

constexpr std::array<std::pair<FailureKind, std::string_view>, 14> failure_names{{
    {FailureKind::not_sent, "not_sent"},
    {FailureKind::rate_limited, "rate_limited"},
    {FailureKind::content_refused, "content_refused"},
    {FailureKind::invalid_request, "invalid_request"},
    {FailureKind::unauthorized, "unauthorized"},
    {FailureKind::model_denied, "model_denied"},
    {FailureKind::out_of_credit, "out_of_credit"},
    {FailureKind::model_unavailable, "model_unavailable"},
    {FailureKind::temporary, "temporary"},
    {FailureKind::no_content, "no_content"},
    {FailureKind::cancelled, "cancelled"},
    {FailureKind::task_unknown, "task_unknown"},
    {FailureKind::bad_clip, "bad_clip"},
    {FailureKind::unknown, "unknown"},
}};

}  // namespace

std::string_view to_string(FailureKind kind) {
  for (auto const& [value, name] : failure_names)
    if (value == kind) return name;
  return "";
}

std::optional<FailureKind> parse_failure_kind(std::string_view text) {
  for (auto const& [value, name] : failure_names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace callsheet
