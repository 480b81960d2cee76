#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/webhooks.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

namespace callsheet::http {
class Server;
}

namespace callsheet::gateway {

/// Takes the gateway's callbacks (gateway-api.md section 7: unsigned, repeated, from anywhere). Everything
/// about one is hostile: its size is bounded, and nothing in it is believed. The token that ends the path
/// names the attempt; whoever does not know one learns nothing, as every callback gets the same answer. On
/// the thread that runs the io_context.
class CallbackReceiver {
 public:
  /// `id`: the task the body names; empty when it names none.
  using Called = std::function<void(std::string const& token, GatewayTaskId id)>;

  /// Fails as http::Server::listen().
  [[nodiscard]] static Result<std::unique_ptr<CallbackReceiver>> listen(boost::asio::io_context& io,
                                                                        Webhooks const& where, Called called);
  ~CallbackReceiver();

  [[nodiscard]] std::uint16_t port() const;

 private:
  CallbackReceiver() = default;
  std::unique_ptr<http::Server> server_;
};

/// Where the gateway is told to call: a token is appended.
[[nodiscard]] std::string callback_base(Webhooks const& where);
/// The token at the end of a callback's path; empty when there is none that could be ours.
[[nodiscard]] std::string token_in(std::string_view target);

}  // namespace callsheet::gateway
