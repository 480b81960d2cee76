#pragma once

#include "orchestrator/http/headers.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace callsheet::test {

/// What a server answered, as it came over the wire.
struct HttpAnswer {
  int status = 0;  ///< 0: the connection ended without an answer
  http::Headers headers;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string{http::find_header(headers, name).value_or("")};
  }
};

struct HttpCall {
  std::uint16_t port = 0;
  std::string method = "GET";
  std::string target = "/";
  http::Headers headers = {};
  std::string body = {};
};

/// One blocking request on a connection of its own to 127.0.0.1. Plain sockets, none of callsheet's own
/// client: a test of the server must not depend on both making the same mistake.
HttpAnswer call(HttpCall const& request);

/// Sends bytes as they are and reads until the peer closes.
std::string raw_exchange(std::uint16_t port, std::string_view bytes);

}  // namespace callsheet::test
