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

std::string_view ca_file() {
  char const* const file = std::getenv("SSL_CERT_FILE");
  return file == nullptr ? "" : file;
}

}  // namespace

Result<std::unique_ptr<http::Client>> client_from_environment() {
  auto proxies =
      http::ProxyRules::parse(either("HTTPS_PROXY", "https_proxy"), either("NO_PROXY", "no_proxy"));
  if (!proxies) return fail(proxies.error());
  return http::make_client(std::string{ca_file()}, *std::move(proxies));
}

Result<std::unique_ptr<http::Client>> client_on_this_machine() {
  return http::make_client(std::string{ca_file()}, {});
}

}  // namespace callsheet::cli
