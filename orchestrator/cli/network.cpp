#include "orchestrator/cli/network.hpp"

#include <cstdlib>
#include <string_view>

namespace callsheet::cli {

namespace {

/// Many programs read the names in small letters only, some in capitals only.
std::string_view either(char const* capitals, char const* small) {
  for (char const* const name : {small, capitals})
    if (char const* const value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

}  // namespace

Result<std::unique_ptr<http::Client>> client_from_environment() {
  auto proxies =
      http::ProxyRules::parse(either("HTTPS_PROXY", "https_proxy"), either("NO_PROXY", "no_proxy"));
  if (!proxies) return fail(proxies.error());
  char const* const ca_file = std::getenv("SSL_CERT_FILE");
  return http::make_client(ca_file == nullptr ? "" : ca_file, *std::move(proxies));
}

}  // namespace callsheet::cli
