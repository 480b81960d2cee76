#include "orchestrator/http/client.hpp"

#include "orchestrator/http/address.hpp"
#include "orchestrator/http/connection.hpp"
#include "orchestrator/http/deadlines.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::http {

namespace net = boost::asio;
using tcp = net::ip::tcp;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;

namespace {

class StringSink final : public BodySink {
 public:
  Result<void> begin(Response const& /*head*/, std::optional<std::uint64_t> length) override {
    body.clear();  // a second try on a fresh connection begins anew
    if (length && *length < (1u << 20)) body.reserve(*length);
    return {};
  }
  Result<void> write(std::string_view piece) override {
    body += piece;
    return {};
  }
  std::string body;
};

/// A name lookup that can be walked away from: getaddrinfo cannot be cancelled, so its answer goes to a state
/// that both sides share, and the wait ends when the answer or the time-out comes first.
struct Lookup {
  explicit Lookup(net::any_io_executor const& executor) : resolver{executor}, done{executor} {}
  tcp::resolver resolver;
  net::steady_timer done;
  std::optional<error_code> error;
  std::vector<tcp::endpoint> endpoints;
};

net::awaitable<Outcome<std::vector<tcp::endpoint>>> look_up(std::string host, std::uint16_t port,
                                                            std::chrono::milliseconds limit) {
  error_code not_literal;
  if (auto const literal = net::ip::make_address(host, not_literal); !not_literal)
    co_return std::vector<tcp::endpoint>{{literal, port}};
  auto lookup = std::make_shared<Lookup>(co_await net::this_coro::executor);
  lookup->done.expires_after(limit);
  lookup->resolver.async_resolve(host, std::to_string(port),
                                 [lookup](error_code error, tcp::resolver::results_type const& results) {
                                   lookup->error = error;
                                   for (auto const& entry : results)
                                     lookup->endpoints.push_back(entry.endpoint());
                                   lookup->done.cancel();
                                 });
  if (!lookup->error) co_await lookup->done.async_wait(net::as_tuple(net::use_awaitable));
  if (!lookup->error) {
    Error slow{.code = Code::timed_out, .what = fmt::format("looking up '{}' took too long", host)};
    co_return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(slow)}};
  }
  if (*lookup->error || lookup->endpoints.empty()) {
    Error unknown{.code = Code::unreachable,
                  .what = fmt::format("cannot look up '{}': {}", host, lookup->error->message())};
    co_return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(unknown)}};
  }
  co_return lookup->endpoints;
}

class PoolingClient final : public Client {
 public:
  PoolingClient(std::shared_ptr<net::ssl::context> tls, ProxyRules proxies)
      : tls_{std::move(tls)}, proxies_{std::move(proxies)} {}

  net::awaitable<Outcome<Response>> send(Request request) override {
    StringSink sink;
    Outcome<Response> response = co_await converse(request, sink);
    if (response) response->body = std::move(sink.body);
    co_return response;
  }

  net::awaitable<Outcome<Response>> stream(Request request, BodySink& sink) override {
    co_return co_await converse(request, sink);
  }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Steady::time_point since;
  };
  /// A connection idle for longer may be about to be closed by the other side, and a request that meets the
  /// close is in doubt: better to open a new one.
  static constexpr std::chrono::seconds idle_most{4};
  static constexpr std::size_t pool_most = 1024;

  net::awaitable<Outcome<Response>> converse(Request const& request, BodySink& sink) {
    std::string const pool = pool_of(request);
    bool const read_only = request.method == "GET" || request.method == "HEAD";
    if (std::unique_ptr<Connection> kept = take_idle(pool)) {
      Outcome<Response> response = co_await kept->exchange(request, sink);
      if (response) keep(pool, std::move(kept));
      bool const closed_meanwhile =
          !response && response.error().error.code == Code::unreachable && !response.error().answer_began;
      // Reading again is harmless; what was not sent whole may be sent again.
      if (response || !closed_meanwhile || (!read_only && response.error().sent == Sent::all))
        co_return response;
    }
    ConnectionResult fresh = co_await open(request);
    if (!fresh) co_return tl::unexpected<TransferFailure>{fresh.error()};
    Outcome<Response> response = co_await (*fresh)->exchange(request, sink);
    if (response) keep(pool, *std::move(fresh));
    co_return response;
  }

  net::awaitable<ConnectionResult> open(Request const& request) {
    if (!deadlines_) deadlines_ = std::make_shared<Deadlines>(co_await net::this_coro::executor);
    if (Proxy const* const proxy = proxies_.proxy_for(request.url))
      co_return co_await open_through(*proxy, request);
    auto endpoints = co_await look_up(request.url.host, request.url.port, request.timeouts.connect);
    if (!endpoints) co_return tl::unexpected<TransferFailure>{endpoints.error()};
    if (!keep_allowed(request, *endpoints)) co_return private_address(request.url);
    ConnectionResult connected;
    for (tcp::endpoint const& endpoint : *endpoints) {
      if (request.url.scheme == Scheme::https) {
        TlsPath path{.endpoint = endpoint, .host = request.url.host, .proxy = {}, .connect_request = {}};
        connected = co_await connect_tls(std::move(path), request.timeouts, *tls_, deadlines_);
      } else {
        connected = co_await connect_plain(endpoint, request.timeouts, deadlines_);
      }
      if (connected) break;
    }
    co_return connected;
  }

  net::awaitable<ConnectionResult> open_through(Proxy const& proxy, Request const& request) {
    // Names are the proxy's to look up: what this machine makes of them says nothing, and may take long.
    if (request.addresses == Addresses::public_only && !looks_public(request.url.host))
      co_return private_address(request.url);
    auto endpoints = co_await look_up(proxy.host, proxy.port, request.timeouts.connect);
    if (!endpoints) co_return tl::unexpected<TransferFailure>{endpoints.error()};
    ConnectionResult connected;
    for (tcp::endpoint const& endpoint : *endpoints) {
      TlsPath path{.endpoint = endpoint,
                   .host = request.url.host,
                   .proxy = fmt::format("{}:{}", proxy.host, proxy.port),
                   .connect_request = connect_request(proxy, request.url)};
      connected = co_await connect_tls(std::move(path), request.timeouts, *tls_, deadlines_);
      if (connected) break;
    }
    co_return connected;
  }

  /// Takes out the addresses that the request may not lead to: false when none is left.
  static bool keep_allowed(Request const& request, std::vector<tcp::endpoint>& endpoints) {
    if (request.addresses == Addresses::public_only)
      std::erase_if(endpoints, [](tcp::endpoint const& endpoint) { return !is_public(endpoint.address()); });
    return !endpoints.empty();
  }

  static ConnectionResult private_address(Url const& url) {
    Error refused{.code = Code::refused_address,
                  .what = fmt::format("'{}' leads to a private address", url.host)};
    return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(refused)}};
  }

  /// Connections opened for any address and for public ones only are never mixed.
  static std::string pool_of(Request const& request) {
    std::string pool = origin_of(request.url);
    if (request.addresses == Addresses::public_only) pool += " public";
    return pool;
  }

  /// None that has something to say: it would be taken for the answer to what is asked next.
  std::unique_ptr<Connection> take_idle(std::string const& name) {
    std::vector<Idle>& pool = idle_[name];
    while (!pool.empty()) {
      Idle last = std::move(pool.back());
      pool.pop_back();
      if (Steady::now() - last.since > idle_most) {
        pool.clear();
        return nullptr;
      }
      if (last.connection->still_open()) return std::move(last.connection);
    }
    return nullptr;
  }

  void keep(std::string const& name, std::unique_ptr<Connection> connection) {
    std::vector<Idle>& pool = idle_[name];
    if (connection->reusable() && pool.size() < pool_most)
      pool.push_back({std::move(connection), Steady::now()});
  }

  std::shared_ptr<net::ssl::context> tls_;
  ProxyRules proxies_;
  std::shared_ptr<Deadlines> deadlines_;  ///< of the executor that the first call ran on
  std::map<std::string, std::vector<Idle>> idle_;
};

}  // namespace

Result<std::unique_ptr<Client>> make_client(std::string const& ca_file, ProxyRules proxies) {
  auto tls = make_tls_context(ca_file);
  if (!tls) return fail(tls.error());
  return std::make_unique<PoolingClient>(*std::move(tls), std::move(proxies));
}

}  // namespace callsheet::http
