#pragma once

#include "orchestrator/http/client.hpp"
#include "tools/local_gateway/reach.hpp"

#include <memory>
#include <string_view>

namespace callsheet::local_gateway {

/// The way to others, as far as the gateway's reach goes. Belongs to the gateway's thread.
class Outside {
 public:
  explicit Outside(Reach reach) : reach_{reach} {}

  /// A request to whatever stands at the URL, to be filled in. Fails with Code::refused_address beyond reach
  /// and with Code::bad_answer where it is no URL.
  [[nodiscard]] Result<http::Request> request_to(std::string_view url) const;
  /// Made for the first request: trusted certificates take a while to read. Fails with Code::file_system.
  [[nodiscard]] Result<http::Client*> client();

 private:
  Reach reach_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace callsheet::local_gateway
