#pragma once

#include "orchestrator/http/client.hpp"

#include <string>

// Private to http/.
namespace callsheet::http {

/// The request as it goes over the wire, into `text`, whose memory is used again. False: a header or the
/// target has control characters, with which it would be another request.
[[nodiscard]] bool write_request(Request const& request, std::string& text);

}  // namespace callsheet::http
