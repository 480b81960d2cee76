#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/http/body_source.hpp"
#include "orchestrator/http/headers.hpp"
#include "orchestrator/http/proxy.hpp"
#include "orchestrator/http/url.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

// http/ carries bytes: client and server, plain and TLS. It is the only folder that includes Beast, and knows
// nothing of what is sent over it.
namespace callsheet::http {

/// How far a request got before something failed. Law 2 hangs on it: only what was not sent whole may be sent
/// again.
enum class Sent {
  nothing,  ///< no byte left: name lookup, connect or TLS failed
  part,     ///< not fully written: the other side cannot have acted on it
  all,      ///< every byte left: it may have been acted on
};

struct TransferFailure {
  Sent sent = Sent::nothing;
  Error error;
  bool answer_began = false;  ///< some of the answer has come
};

template <class T>
using Outcome = tl::expected<T, TransferFailure>;

struct Timeouts {
  std::chrono::milliseconds connect{10'000};  ///< lookup, connect and TLS, each
  std::chrono::milliseconds idle{30'000};     ///< without a byte moving
  std::chrono::milliseconds total{60'000};    ///< for the whole exchange, against endless drips
  /// Of a body from a source, whose size is no fault: `total` is for each `paced_bytes` of it, and this for
  /// the answer after its last byte.
  std::chrono::milliseconds answer{60'000};
};

/// A source's body has to get on by so much in Timeouts::total.
inline constexpr std::uint64_t paced_bytes = 8u << 20;

enum class Addresses { any, public_only };

struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;
  std::string body;
  BodySource* source = nullptr;  ///< in place of `body`; outlives the call
  Timeouts timeouts;
  std::uint64_t body_most = 4u << 20;  ///< of the answer
  Addresses addresses = Addresses::any;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Where a streamed body goes. write() may fail (full disk), which ends the exchange with that error.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Called once, before the body. `length`: what the answer promises, if it does.
  virtual Result<void> begin(Response const& head, std::optional<std::uint64_t> length) = 0;
  virtual Result<void> write(std::string_view piece) = 0;
};

/// An HTTP/1.1 client with a keep-alive pool. All calls on the executor's one thread; several may be under
/// way. Fails with Code::unreachable, timed_out, refused_address, too_large or bad_answer. Redirects are not
/// followed.
class Client {
 public:
  virtual ~Client() = default;

  [[nodiscard]] virtual boost::asio::awaitable<Outcome<Response>> send(Request request) = 0;

  /// As send(), the body going to `sink` (which must outlive the call); the Response's body stays empty.
  [[nodiscard]] virtual boost::asio::awaitable<Outcome<Response>> stream(Request request, BodySink& sink) = 0;
};

/// `ca_file`: trusted certificates in PEM; empty means the system's. Fails with Code::file_system. Names are
/// looked up where the proxy is: behind one, Addresses::public_only means what looks_public().
[[nodiscard]] Result<std::unique_ptr<Client>> make_client(std::string const& ca_file = {},
                                                          ProxyRules proxies = {});

}  // namespace callsheet::http
