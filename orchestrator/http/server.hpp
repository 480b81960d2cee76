#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/http/headers.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

/// A small HTTP/1.1 server for pages and answers of our own: the local gateway, callbacks, the live page.
/// Keep-alive, bounded input, files with ranges, TLS where there is a certificate; no pipelining, no
/// compression. Knows nothing of what is sent over it.
namespace callsheet::http {

struct ServerRequest {
  std::string method;  ///< as sent: "GET", "POST", ...
  std::string target;  ///< path and query as sent, still percent-encoded
  Headers headers;
  std::string body;
};

/// Bytes kept in memory and shared by many answers. Ranges are honoured.
using SharedBody = std::shared_ptr<std::string const>;
/// A file streamed from disk, never read whole. Ranges are honoured. A file that cannot be opened is a 404.
struct FileBody {
  std::filesystem::path path;
};
/// Bytes that come as time goes by. `next` is asked for a piece once the one before has been taken, so that a
/// slow reader holds nobody up and piles nothing up; empty: there are no more, and the connection is closed.
/// That a reader has left is seen at the next piece. After Server::stop() join() waits for `next` to return.
struct StreamBody {
  std::function<boost::asio::awaitable<std::optional<std::string>>()> next;
};

/// How much of an answer reaches the peer before its connection is closed: a gateway that misbehaves on
/// purpose needs less than all.
enum class Sending {
  whole,  ///< and the connection is kept where the peer wishes it
  last,   ///< the whole, and the connection is closed whatever the peer wishes
  half,   ///< the head as for the whole, then half of the body
  none,   ///< not a byte
};

/// Content-Length, Content-Range, Accept-Ranges and Connection are the server's to write; everything else,
/// Content-Type included, is the handler's. With an ETag among the headers `If-Range` is honoured too.
struct ServerResponse {
  int status = 200;
  Headers headers;
  std::variant<std::string, SharedBody, FileBody, StreamBody> body;
  Sending sending = Sending::whole;
};

/// Runs on the io_context's thread. What it throws becomes a 500 and is told to `on_failure`.
using Handler = std::function<boost::asio::awaitable<ServerResponse>(ServerRequest)>;

/// PEM files, read once: the certificate with those that lead to its authority, and its key without a
/// passphrase.
struct ServerTls {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one, see Server::port()
  std::uint32_t header_bytes_max = 16 * 1024;
  std::uint64_t body_bytes_max = 1024 * 1024;
  std::optional<ServerTls> tls = {};   ///< empty: plain HTTP
  std::size_t connections_max = 4096;  ///< further ones wait in the system's queue
  /// How long a peer may neither send nor take a byte; also how long a whole header may take.
  std::chrono::milliseconds idle_time_out{30'000};
  /// What is answered where no handler is asked: 400 malformed, 413 body and 431 header too large, 500
  /// handler threw. Empty: plain text.
  std::function<ServerResponse(int status)> refuse = {};
  /// Told what a handler or a connection threw: a bug, not a network fault. Empty: ignored.
  std::function<void(std::string_view what)> on_failure = {};
};

/// Belongs to the one thread that runs `io`; `io` must outlive it.
class Server {
 public:
  /// Binds and starts to accept. Fails with Code::usage when the address is none or its port is taken, with
  /// Code::file_system or invalid_input when the certificate or its key is not good.
  [[nodiscard]] static Result<std::unique_ptr<Server>> listen(boost::asio::io_context& io,
                                                              ServerOptions options, Handler handler);
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;
  ~Server();  ///< stop(); connections then end on their own, they own what they need

  [[nodiscard]] std::uint16_t port() const;
  /// Takes no more connections and closes all there are, answers half sent included. May be called twice.
  void stop();
  /// After stop(): returns once the last connection's coroutine, and so its handler, has ended.
  [[nodiscard]] boost::asio::awaitable<void> join();

 private:
  class Listener;
  explicit Server(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

/// "/a/b?c=d" → "/a/b".
std::string_view path_of(std::string_view target);
/// The percent-decoded value of a query parameter; empty when it is not there.
std::optional<std::string> query_value(std::string_view target, std::string_view name);

}  // namespace callsheet::http
