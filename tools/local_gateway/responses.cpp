#include "tools/local_gateway/responses.hpp"

#include "tools/local_gateway/answers.hpp"

namespace callsheet::local_gateway {

namespace {

/// A second later, or up to two where the header can tell whole seconds only.
constexpr char const* retry_after_seconds = "1";
constexpr std::chrono::seconds retry_after_date{2};

Refusal refusal_of(Fault fault) {
  switch (fault) {
    case Fault::create_refuse_content:
      return {400, "content_policy_violation", "the prompt was refused by the content filter"};
    case Fault::downloads_dead:
      return {404, "not_found", "there is nothing at this address"};
    case Fault::outage:
      return {503, "service_unavailable", "the service is down, try again later", "",
              "service_unavailable_error"};
    default:
      return {500, "internal_error", "the gateway failed", "", "api_error"};
  }
}

bool is_lost(Fault fault) {
  return fault == Fault::create_lose_request || fault == Fault::create_lose_answer ||
         fault == Fault::reads_lose;
}

}  // namespace

http::ServerResponse with_json(int status, std::string text) {
  http::ServerResponse response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.body = std::move(text);
  return response;
}

http::ServerResponse refused(Refusal const& refusal) {
  return with_json(refusal.status, refusal_answer(refusal));
}

http::ServerResponse fault_response(Fault fault) {
  http::ServerResponse response = refused(refusal_of(fault));
  if (is_lost(fault)) response.sending = http::Sending::none;
  return response;
}

http::ServerResponse rate_limit_response(Fault fault, RetryAfter form, TimePoint now) {
  // gateway-api.md 8.1: the two endpoints name the type differently.
  char const* const type = fault == Fault::create_rate_limit ? "rate_limit_error" : "evo_api_error";
  http::ServerResponse response =
      refused({429, "rate_limit_exceeded", "too many requests, slow down", "", type});
  if (form == RetryAfter::seconds) response.headers.push_back({"Retry-After", retry_after_seconds});
  if (form == RetryAfter::date)
    response.headers.push_back({"Retry-After", format_http_date(now + retry_after_date)});
  return response;
}

}  // namespace callsheet::local_gateway
