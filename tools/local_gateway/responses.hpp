#pragma once

#include "orchestrator/http/server.hpp"
#include "tools/local_gateway/fault_draw.hpp"
#include "tools/local_gateway/refusal.hpp"

#include <string>

/// Answers as the HTTP server takes them. Pure.
namespace callsheet::local_gateway {

http::ServerResponse with_json(int status, std::string text);
http::ServerResponse refused(Refusal const& refusal);

/// What a fault answers in place of acting on the request. Of faults that act on it first, the answer that is
/// sent instead of the right one.
http::ServerResponse fault_response(Fault fault);
/// A 429; `form` says how it tells when to come back.
http::ServerResponse rate_limit_response(Fault fault, RetryAfter form, TimePoint now);

}  // namespace callsheet::local_gateway
