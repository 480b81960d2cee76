#include "orchestrator/http/exchange.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace callsheet::http {

namespace {

ConnectionResult unreachable(std::string const& host, char const* doing, error_code error) {
  Error what{.code = error == net::error::timed_out ? Code::timed_out : Code::unreachable,
             .what = fmt::format("{} {} failed: {}", doing, host, error.message())};
  if (error.category() == net::error::get_ssl_category())
    what.mend =
        "the server's certificate must be valid for its name; name extra authorities with SSL_CERT_FILE";
  return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(what)}};
}

}  // namespace

net::awaitable<ConnectionResult> connect_tls(net::ip::tcp::endpoint endpoint, Timeouts timeouts,
                                             std::string host, net::ssl::context& tls,
                                             std::shared_ptr<Deadlines> deadlines) {
  using Stream = net::ssl::stream<net::ip::tcp::socket>;
  using Connected = StreamConnection<Stream>;
  auto connection =
      std::make_unique<Connected>(Stream{co_await net::this_coro::executor, tls}, std::move(deadlines));
  error_code const connect_error = co_await connection->within(timeouts.connect, [&](Stream& stream) {
    return stream.lowest_layer().async_connect(endpoint, net::as_tuple(net::use_awaitable));
  });
  if (connect_error) co_return unreachable(host, "connecting to", connect_error);
  error_code ignored;
  connection->stream().lowest_layer().set_option(net::ip::tcp::no_delay{true}, ignored);
  SSL_set_tlsext_host_name(connection->stream().native_handle(), host.c_str());
  connection->stream().set_verify_callback(net::ssl::host_name_verification{host}, ignored);
  error_code const tls_error = co_await connection->within(timeouts.connect, [](Stream& stream) {
    return stream.async_handshake(net::ssl::stream_base::client, net::as_tuple(net::use_awaitable));
  });
  if (tls_error) co_return unreachable(host, "the TLS handshake with", tls_error);
  co_return std::move(connection);
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
