#pragma once

#include "orchestrator/core/failure.hpp"

#include <string_view>

namespace callsheet::gateway {

/// What a gateway's error code means; without regard to case. `status`: the HTTP status, which decides where
/// the code is unknown or, as in the older generation, only the status again; 0 for the error of a failed
/// task. Source: gateway-api.md sections 8.1 to 8.4. Never by message text.
[[nodiscard]] FailureKind failure_kind(int status, std::string_view code);

}  // namespace callsheet::gateway
