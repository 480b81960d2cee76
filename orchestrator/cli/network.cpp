#include "orchestrator/cli/network.hpp"

#include <cstdlib>

namespace callsheet::cli {

Result<std::unique_ptr<http::Client>> client_from_environment() {
  char const* const ca_file = std::getenv("SSL_CERT_FILE");
  return http::make_client(ca_file == nullptr ? "" : ca_file);
}

}  // namespace callsheet::cli
