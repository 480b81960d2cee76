#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet {

/// Why an attempt came to nothing, in the terms decisions are made in. The gateway's codes (gateway-api.md
/// section 8, both generations) are mapped to these in one table, gateway/failure_codes.cpp.
enum class FailureKind {
  not_sent,  ///< certainly never reached the gateway: name lookup, connect, TLS, request not fully written
  rate_limited,       ///< slow down, then the same request again
  content_refused,    ///< a policy refused the content: another model would refuse it too, at a price
  invalid_request,    ///< this request will never pass as it is
  unauthorized,       ///< the key is missing, wrong, disabled or not allowed: nothing else will pass either
  model_denied,       ///< this key may not use this model
  out_of_credit,      ///< the account or the key has no credits left
  model_unavailable,  ///< no capacity for this model now
  temporary,          ///< an upstream fault: the same request may pass later
  no_content,         ///< the model made nothing of it
  cancelled,          ///< cancelled on the gateway's side
  task_unknown,       ///< the gateway no longer knows the task id
  bad_clip,           ///< the clip that came is not whole
  unknown,            ///< a code nobody documented
};

std::string_view to_string(FailureKind kind);
std::optional<FailureKind> parse_failure_kind(std::string_view text);

/// A failure as it is recorded and shown. `message` is foreign text: escape it where it is shown.
struct Failure {
  FailureKind kind = FailureKind::unknown;
  std::string code = {};        ///< the gateway's own code, or empty
  std::string message = {};     ///< what the gateway or the network said
  std::string request_id = {};  ///< the gateway's id of the answer, for its support; may be empty
  std::optional<std::chrono::milliseconds> retry_after = {};
};

}  // namespace callsheet
