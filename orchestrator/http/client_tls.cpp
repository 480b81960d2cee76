#include "orchestrator/http/exchange.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace callsheet::http {

namespace {

ConnectionResult unreachable(std::string const& host, char const* doing, error_code error) {
  Error what{.code = error == beast::error::timeout ? Code::timed_out : Code::unreachable,
             .what = fmt::format("{} {} failed: {}", doing, host, error.message())};
  if (error.category() == net::error::get_ssl_category())
    what.mend =
        "the server's certificate must be valid for its name; name extra authorities with SSL_CERT_FILE";
  return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(what)}};
}

}  // namespace

net::awaitable<ConnectionResult> connect_tls(net::ip::tcp::endpoint endpoint, Timeouts timeouts,
                                             std::string host, net::ssl::context& tls) {
  beast::ssl_stream<beast::tcp_stream> stream{co_await net::this_coro::executor, tls};
  beast::get_lowest_layer(stream).expires_after(timeouts.connect);
  auto [connect_error] =
      co_await beast::get_lowest_layer(stream).async_connect(endpoint, net::as_tuple(net::use_awaitable));
  if (connect_error) co_return unreachable(host, "connecting to", connect_error);
  error_code ignored;
  beast::get_lowest_layer(stream).socket().set_option(net::ip::tcp::no_delay{true}, ignored);
  SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  stream.set_verify_callback(net::ssl::host_name_verification{host}, ignored);
  beast::get_lowest_layer(stream).expires_after(timeouts.connect);
  auto [tls_error] =
      co_await stream.async_handshake(net::ssl::stream_base::client, net::as_tuple(net::use_awaitable));
  if (tls_error) co_return unreachable(host, "the TLS handshake with", tls_error);
  co_return std::make_unique<StreamConnection<beast::ssl_stream<beast::tcp_stream>>>(std::move(stream));
}

Result<std::shared_ptr<net::ssl::context>> make_tls_context(std::string const& ca_file) {
  auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_client);
  error_code error;
  context->set_verify_mode(net::ssl::verify_peer, error);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (ca_file.empty())
    context->set_default_verify_paths(error);
  else
    context->load_verify_file(ca_file, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot load trusted certificates{}{}: {}",
                                               ca_file.empty() ? "" : " from ", ca_file, error.message()));
  return context;
}

}  // namespace callsheet::http
