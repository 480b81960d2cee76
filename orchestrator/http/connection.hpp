#pragma once

#include "orchestrator/http/client.hpp"

#include <chrono>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

// Private to http/: one connection, plain or TLS, behind one face, so that Beast is compiled in two files.
namespace boost::asio::ssl {
class context;
}

namespace callsheet::http {

class Deadlines;

class Connection {
 public:
  virtual ~Connection() = default;

  /// One request, one answer, the body streamed to `sink`.
  virtual boost::asio::awaitable<Outcome<Response>> exchange(Request const& request, BodySink& sink) = 0;

  /// After a good exchange: the other side keeps the connection open.
  [[nodiscard]] virtual bool reusable() const = 0;
  /// Whether an idle connection is still silent and open: nothing to read, not closed.
  [[nodiscard]] virtual bool still_open() = 0;
};

using ConnectionResult = Outcome<std::unique_ptr<Connection>>;

boost::asio::awaitable<ConnectionResult> connect_plain(boost::asio::ip::tcp::endpoint endpoint,
                                                       Timeouts timeouts,
                                                       std::shared_ptr<Deadlines> deadlines);

/// How to get to a host that is spoken to by TLS.
struct TlsPath {
  boost::asio::ip::tcp::endpoint endpoint;  ///< of the host, or of the proxy before it
  std::string host;
  std::string proxy;            ///< what errors call it; empty: there is none
  std::string connect_request;  ///< what a proxy is told first
};

/// Verifies the certificate and that it is for the host. Whatever fails, also at a proxy: nothing was sent.
boost::asio::awaitable<ConnectionResult> connect_tls(TlsPath path, Timeouts timeouts,
                                                     boost::asio::ssl::context& tls,
                                                     std::shared_ptr<Deadlines> deadlines);

Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(std::string const& ca_file);

}  // namespace callsheet::http
