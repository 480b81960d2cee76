#pragma once

#include "orchestrator/http/client.hpp"

#include <memory>

namespace callsheet::cli {

/// The client that the environment asks for: SSL_CERT_FILE names trusted certificates instead of the
/// system's, HTTPS_PROXY and NO_PROXY (also in small letters) what lies between. Fails with Code::file_system
/// or usage.
[[nodiscard]] Result<std::unique_ptr<http::Client>> client_from_environment();
/// The same for the embedded gateway, which no proxy is between. Fails with Code::file_system.
[[nodiscard]] Result<std::unique_ptr<http::Client>> client_on_this_machine();

}  // namespace callsheet::cli
