#include "orchestrator/cli/network.hpp"

#include "orchestrator/cli/environment.hpp"

#include <string>

namespace callsheet::cli {

namespace {

/// Many programs read the names in small letters only, some in capitals only.
std::string either(char const* capitals, char const* small) {
  std::string const value = environment(small);
  return value.empty() ? environment(capitals) : value;
}

}  // namespace

Result<std::unique_ptr<http::Client>> client_from_environment() {
  auto proxies =
      http::ProxyRules::parse(either("HTTPS_PROXY", "https_proxy"), either("NO_PROXY", "no_proxy"));
  if (!proxies) return fail(proxies.error());
  return http::make_client(environment("SSL_CERT_FILE"), *std::move(proxies));
}

Result<std::unique_ptr<http::Client>> client_on_this_machine() {
  return http::make_client(environment("SSL_CERT_FILE"), {});
}

}  // namespace callsheet::cli
