#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace callsheet {

/// Where a run waits for the gateway's callbacks, and how the gateway gets there.
struct Webhooks {
  std::string address;     ///< of this machine: "127.0.0.1", "0.0.0.0", "::1"
  std::uint16_t port = 0;  ///< 0: a free one
  std::string public_url;  ///< https
  struct Tls {
    std::string certificate, key;  ///< PEM files, absolute
    friend bool operator==(Tls const&, Tls const&) = default;
  };
  std::optional<Tls> tls = {};  ///< empty: a proxy in front of `address` ends it
  friend bool operator==(Webhooks const&, Webhooks const&) = default;
};

}  // namespace callsheet
