#pragma once

#include <cstdint>
#include <string>

namespace callsheet {

/// Where a run waits for the gateway's callbacks, and how the gateway gets there.
struct Webhooks {
  std::string address;     ///< of this machine: "127.0.0.1", "0.0.0.0", "::1"
  std::uint16_t port = 0;  ///< 0: a free one
  std::string public_url;  ///< https; a proxy in front of `address` ends TLS
  friend bool operator==(Webhooks const&, Webhooks const&) = default;
};

}  // namespace callsheet
