#include "orchestrator/gateway/failure_codes.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace callsheet::gateway {

namespace {

using enum FailureKind;

constexpr std::pair<std::string_view, FailureKind> known[] = {
    {"account_balance_insufficient", out_of_credit},
    {"cancelled", cancelled},
    {"channel_selection_failed", model_unavailable},
    {"content_filter", content_refused},
    {"content_policy_violation", content_refused},
    {"generation_failed_no_content", no_content},
    {"generation_timeout", temporary},
    {"image_dimension_mismatch", invalid_request},
    {"image_processing_error", invalid_request},
    {"input_moderation_failed", content_refused},
    {"insufficient_quota", out_of_credit},
    {"insufficient_token_quota", out_of_credit},
    {"insufficient_user_quota", out_of_credit},
    {"internal_error", temporary},
    {"invalid_media_url", invalid_request},
    {"invalid_parameter", invalid_request},
    {"invalid_parameters", invalid_request},
    {"invalid_request", invalid_request},
    {"invalid_token", unauthorized},
    {"ip_restricted", unauthorized},
    {"key_daily_quota_exhausted", out_of_credit},
    {"key_disabled", unauthorized},
    {"key_expired", unauthorized},
    {"key_model_not_allowed", model_denied},
    {"key_quota_exhausted", out_of_credit},
    {"model_access_denied", model_denied},
    {"model_unavailable", model_unavailable},
    {"moderation_blocked", content_refused},
    {"no_available_channel", model_unavailable},
    {"permission_denied", unauthorized},
    {"quota_not_enough", out_of_credit},
    {"rate_limit_exceeded", rate_limited},
    {"rate_limited", rate_limited},
    {"request_cancelled", cancelled},
    {"resource_exhausted", model_unavailable},
    {"resource_not_found", task_unknown},
    {"sensitive_content", content_refused},
    {"service_error", temporary},
    {"service_unavailable", model_unavailable},
    {"task_not_found", task_unknown},
    {"token_daily_quota_exceeded", out_of_credit},
    {"unauthorized", unauthorized},
    {"unsupported_parameters", invalid_request},
    {"upstream_error", temporary},
    {"user_disabled", unauthorized},
};

FailureKind by_status(int status) {
  switch (status) {
    case 401:
      return unauthorized;
    case 402:
      return out_of_credit;
    case 403:
      return unauthorized;
    case 404:
      return task_unknown;
    case 429:
      return rate_limited;
    case 503:
      return model_unavailable;
    default:
      break;
  }
  if (status >= 500) return temporary;
  return status >= 400 ? invalid_request : unknown;
}

}  // namespace

FailureKind failure_kind(int status, std::string_view code) {
  std::string lower{code};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  // In a failed task this code means rate, concurrency or quota (section 8.4); over HTTP it is the account
  // (8.1).
  if (lower == "quota_exceeded") return status == 0 ? rate_limited : out_of_credit;
  for (auto const& [name, kind] : known)
    if (name == lower) return kind;
  return by_status(status);
}

}  // namespace callsheet::gateway
