#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/core/secret.hpp"
#include "orchestrator/http/url.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::http {

/// A proxy that is asked to CONNECT.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  Secret authorization;  ///< the value of Proxy-Authorization; empty: none
};

/// Which https addresses are reached through a proxy. This machine's own never are, nor is plain http.
class ProxyRules {
 public:
  ProxyRules() = default;

  /// What HTTPS_PROXY and NO_PROXY say; either may be empty. The proxy: `http://user:password@host:port`, of
  /// which the host is enough. The exceptions, by commas: `*`, names (of a host, and of all below it),
  /// addresses, networks (`10.0.0.0/8`), each with a port or without. Fails with Code::usage, and shows no
  /// password.
  [[nodiscard]] static Result<ProxyRules> parse(std::string_view https_proxy, std::string_view no_proxy);

  /// Null: there is none between.
  [[nodiscard]] Proxy const* proxy_for(Url const& url) const;

 private:
  struct Exception {
    std::string host;  ///< in small letters, without a dot before it; `*`: every one
    std::optional<std::uint16_t> port;
  };

  std::optional<Proxy> proxy_;
  std::vector<Exception> exceptions_;

  static bool covers(Exception const& exception, Url const& url);
};

/// The request that asks `proxy` for a tunnel to `url`. It holds the proxy's password.
[[nodiscard]] std::string connect_request(Proxy const& proxy, Url const& url);

/// What a proxy answered to it.
enum class TunnelAnswer { unfinished, open, wants_credentials, refused, no_http };
/// Reads as much of the answer as has come; `status`: its code, where there is one.
[[nodiscard]] TunnelAnswer read_tunnel_answer(std::string_view bytes, int& status);

}  // namespace callsheet::http
