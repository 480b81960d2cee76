#include "orchestrator/http/exchange.hpp"
#include "orchestrator/http/proxy.hpp"

#include <array>
#include <tuple>

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

/// What came of asking a proxy for a tunnel.
struct Tunnel {
  std::string received;
  TunnelAnswer answer = TunnelAnswer::unfinished;
  int status = 0;
};

/// One word after the other: what follows the proxy's answer belongs to TLS.
net::awaitable<std::tuple<error_code>> ask_for_tunnel(net::ip::tcp::socket& socket,
                                                      std::string const& request, Tunnel& tunnel) {
  constexpr std::size_t answer_most = 16 * 1024;
  auto [write_error, written] =
      co_await net::async_write(socket, net::buffer(request), net::as_tuple(net::use_awaitable));
  if (write_error) co_return std::tuple{write_error};
  std::array<char, 1024> piece;
  while (tunnel.answer == TunnelAnswer::unfinished) {
    auto [read_error, size] =
        co_await socket.async_read_some(net::buffer(piece), net::as_tuple(net::use_awaitable));
    if (read_error) co_return std::tuple{read_error};
    tunnel.received.append(piece.data(), size);
    tunnel.answer = read_tunnel_answer(tunnel.received, tunnel.status);
    if (tunnel.received.size() > answer_most) tunnel.answer = TunnelAnswer::no_http;
  }
  co_return std::tuple{error_code{}};
}

ConnectionResult no_tunnel(TlsPath const& path, Tunnel const& tunnel) {
  Error what{.code = Code::unreachable, .what = {}};
  switch (tunnel.answer) {
    case TunnelAnswer::wants_credentials:
      what.what = fmt::format("the proxy {} wants other credentials (407)", path.proxy);
      what.mend = "put them into HTTPS_PROXY: http://user:password@host:port";
      break;
    case TunnelAnswer::refused:
      what.what =
          fmt::format("the proxy {} refused to connect to {}: {}", path.proxy, path.host, tunnel.status);
      what.mend = "check HTTPS_PROXY, and NO_PROXY for what is reached without it";
      break;
    case TunnelAnswer::unfinished:
    case TunnelAnswer::open:
    case TunnelAnswer::no_http:
      what.what = fmt::format("what HTTPS_PROXY names at {} does not speak as a proxy", path.proxy);
      what.mend = "check HTTPS_PROXY";
  }
  return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(what)}};
}

}  // namespace

net::awaitable<ConnectionResult> connect_tls(TlsPath path, Timeouts timeouts, net::ssl::context& tls,
                                             std::shared_ptr<Deadlines> deadlines) {
  using Stream = net::ssl::stream<net::ip::tcp::socket>;
  using Connected = StreamConnection<Stream>;
  auto connection =
      std::make_unique<Connected>(Stream{co_await net::this_coro::executor, tls}, std::move(deadlines));
  error_code const connect_error = co_await connection->within(timeouts.connect, [&](Stream& stream) {
    return stream.lowest_layer().async_connect(path.endpoint, net::as_tuple(net::use_awaitable));
  });
  std::string const& host = path.host;
  if (connect_error)
    co_return unreachable(path.proxy.empty() ? host : "the proxy " + path.proxy, "connecting to",
                          connect_error);
  error_code ignored;
  connection->stream().lowest_layer().set_option(net::ip::tcp::no_delay{true}, ignored);
  if (!path.proxy.empty()) {
    Tunnel tunnel;
    error_code const proxy_error = co_await connection->within(timeouts.connect, [&](Stream& stream) {
      return ask_for_tunnel(stream.next_layer(), path.connect_request, tunnel);
    });
    if (proxy_error) co_return unreachable("the proxy " + path.proxy, "speaking to", proxy_error);
    if (tunnel.answer != TunnelAnswer::open) co_return no_tunnel(path, tunnel);
  }
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
