#include "orchestrator/http/server.hpp"

#include "orchestrator/http/server_connection.hpp"

#include <unordered_set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>

namespace callsheet::http {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

constexpr auto tuple = net::as_tuple(net::use_awaitable);

/// Programs we start must not inherit our sockets: one that outlives a killed callsheet would keep the port.
void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

}  // namespace

class Server::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(net::io_context& io, std::shared_ptr<Serving> serving, std::shared_ptr<net::ssl::context> tls)
      : serving_{std::move(serving)}, tls_{std::move(tls)}, acceptor_{io}, changed_{io} {
    changed_.expires_at(net::steady_timer::time_point::max());
  }

  error_code open() {
    error_code error;
    auto const address = net::ip::make_address(serving_->options.address, error);
    if (error) return error;
    tcp::endpoint const endpoint{address, serving_->options.port};
    acceptor_.open(endpoint.protocol(), error);
    if (error) return error;
    close_on_exec(acceptor_.native_handle());
    acceptor_.set_option(net::socket_base::reuse_address{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return error;
  }

  void start() {
    net::co_spawn(acceptor_.get_executor(), accept(shared_from_this()),
                  [self = shared_from_this()](std::exception_ptr failure) { self->report(failure); });
  }

  void stop() {
    serving_->stopped = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (auto const& connection : connections_) connection->close();
    changed_.cancel();
  }

  static net::awaitable<void> join(std::shared_ptr<Listener> self) {
    while (!self->connections_.empty()) co_await self->changed_.async_wait(tuple);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  using ConnectionPtr = std::shared_ptr<ServedConnection>;

  static net::awaitable<void> accept(std::shared_ptr<Listener> self) {
    while (!self->serving_->stopped) {
      if (self->connections_.size() >= self->serving_->options.connections_max) {
        co_await self->changed_.async_wait(tuple);
        continue;
      }
      auto [error, socket] = co_await self->acceptor_.async_accept(tuple);
      if (error == net::error::operation_aborted || self->serving_->stopped) co_return;
      if (error) {  // out of descriptors, or the peer left: let connections end, then go on
        net::steady_timer pause{self->acceptor_.get_executor(), std::chrono::milliseconds{50}};
        co_await pause.async_wait(tuple);
        continue;
      }
      close_on_exec(socket.native_handle());
      error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      self->adopt(self->tls_ ? tls_connection(self->serving_, std::move(socket), *self->tls_)
                             : plain_connection(self->serving_, std::move(socket)));
    }
  }

  void adopt(ConnectionPtr connection) {
    connections_.insert(connection);
    net::co_spawn(acceptor_.get_executor(), connection->serve(),
                  [self = shared_from_this(), connection](std::exception_ptr failure) {
                    self->report(failure);
                    self->connections_.erase(connection);
                    self->changed_.cancel();
                  });
  }

  void report(std::exception_ptr failure) const {
    if (!failure || !serving_->options.on_failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (std::exception const& exception) {
      serving_->options.on_failure(exception.what());
    }
  }

  std::shared_ptr<Serving> serving_;
  std::shared_ptr<net::ssl::context> tls_;  ///< null: plain
  tcp::acceptor acceptor_;
  net::steady_timer changed_;  ///< never expires; cancelled whenever a connection ends or we stop
  std::unordered_set<ConnectionPtr> connections_;
  std::uint16_t port_ = 0;
};

Result<std::unique_ptr<Server>> Server::listen(net::io_context& io, ServerOptions options, Handler handler) {
  std::string const where = fmt::format("{}:{}", options.address, options.port);
  std::shared_ptr<net::ssl::context> tls;
  if (options.tls) {
    auto made = make_server_tls(*options.tls);
    if (!made) return fail(made.error());
    tls = *std::move(made);
  }
  auto serving = std::make_shared<Serving>(Serving{std::move(options), std::move(handler)});
  auto listener = std::make_shared<Listener>(io, std::move(serving), std::move(tls));
  if (error_code const error = listener->open()) {
    bool const busy = error == net::error::address_in_use;
    return fail(Code::usage, fmt::format("cannot listen on {}: {}", where, error.message()),
                busy ? "choose another port, or 0 for a free one" : "");
  }
  listener->start();
  return std::unique_ptr<Server>{new Server{std::move(listener)}};
}

Server::Server(std::shared_ptr<Listener> listener) : listener_{std::move(listener)} {}
Server::~Server() {
  stop();
}
std::uint16_t Server::port() const {
  return listener_->port();
}
void Server::stop() {
  listener_->stop();
}
net::awaitable<void> Server::join() {
  return Listener::join(listener_);
}

}  // namespace callsheet::http
