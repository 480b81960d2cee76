#pragma once

#include <string>

namespace callsheet::local_gateway {

/// An HTTP error as EvoLink words it: {"error":{"code","message","type"[,"param"]}} (gateway-api.md 8.1).
struct Refusal {
  int status = 400;
  std::string code = "invalid_request";
  std::string message;
  std::string param = {};  ///< empty: left out
  std::string type = "invalid_request_error";
};

}  // namespace callsheet::local_gateway
