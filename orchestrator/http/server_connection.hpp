#pragma once

#include "orchestrator/http/server.hpp"

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

// Private to http/: one connection of a server, plain or TLS, behind one face, so that Beast's templates are
// compiled side by side.
namespace boost::asio::ssl {
class context;
}

namespace callsheet::http {

/// What the connections of a server share.
struct Serving {
  ServerOptions options;
  Handler handler;
  bool stopped = false;
};

class ServedConnection {
 public:
  virtual ~ServedConnection() = default;
  /// One request after the other, until either side has enough.
  [[nodiscard]] virtual boost::asio::awaitable<void> serve() = 0;
  /// Whatever is under way ends.
  virtual void close() = 0;
};

[[nodiscard]] std::shared_ptr<ServedConnection> plain_connection(std::shared_ptr<Serving> serving,
                                                                 boost::asio::ip::tcp::socket socket);
[[nodiscard]] std::shared_ptr<ServedConnection> tls_connection(std::shared_ptr<Serving> serving,
                                                               boost::asio::ip::tcp::socket socket,
                                                               boost::asio::ssl::context& tls);

/// Fails with Code::file_system or invalid_input where the files are not a certificate, valid now, and its
/// key.
[[nodiscard]] Result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(ServerTls const& files);

}  // namespace callsheet::http
