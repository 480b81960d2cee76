#include "orchestrator/gateway/callback_receiver.hpp"

#include "orchestrator/gateway/codec.hpp"
#include "orchestrator/http/server.hpp"

#include <algorithm>
#include <utility>

namespace callsheet::gateway {

namespace {

/// The body is a task as a query answers it: some links, no content.
constexpr std::uint64_t body_bytes_max = 64 * 1024;
constexpr std::size_t connections_max = 64;
constexpr std::size_t token_length_max = 64;

}  // namespace

Result<std::unique_ptr<CallbackReceiver>> CallbackReceiver::listen(boost::asio::io_context& io,
                                                                   Webhooks const& where, Called called) {
  http::ServerOptions options;
  options.address = where.address;
  options.port = where.port;
  if (where.tls) options.tls = http::ServerTls{.certificate = where.tls->certificate, .key = where.tls->key};
  options.body_bytes_max = body_bytes_max;
  options.connections_max = connections_max;
  auto server = http::Server::listen(
      io, std::move(options),
      [called =
           std::move(called)](http::ServerRequest request) -> boost::asio::awaitable<http::ServerResponse> {
        std::string const token = token_in(request.target);
        if (request.method != "POST" || token.empty())
          co_return http::ServerResponse{.status = 404, .headers = {}, .body = std::string{}};
        called(token, decode_callback(request.body));
        co_return http::ServerResponse{.status = 204, .headers = {}, .body = std::string{}};
      });
  if (!server) return fail(server.error());
  std::unique_ptr<CallbackReceiver> receiver{new CallbackReceiver};
  receiver->server_ = *std::move(server);
  return receiver;
}

CallbackReceiver::~CallbackReceiver() = default;

std::uint16_t CallbackReceiver::port() const {
  return server_->port();
}

std::string callback_base(Webhooks const& where) {
  return where.public_url.ends_with('/') ? where.public_url : where.public_url + '/';
}

std::string token_in(std::string_view target) {
  std::string_view const path = http::path_of(target);
  std::string_view const token = path.substr(path.rfind('/') + 1);
  bool const hex = std::all_of(token.begin(), token.end(),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return hex && token.size() <= token_length_max ? std::string{token} : std::string{};
}

}  // namespace callsheet::gateway
