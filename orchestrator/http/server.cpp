#include "orchestrator/http/server.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/http/reply_text.hpp"

#include <array>
#include <cstdio>
#include <unordered_set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callsheet::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using net::ip::tcp;
using Parser = beast::http::request_parser<beast::http::string_body>;

namespace {

constexpr auto tuple = net::as_tuple(net::use_awaitable);
constexpr std::size_t file_piece_bytes = 256 * 1024;
constexpr std::chrono::seconds linger{2};
constexpr std::size_t linger_bytes_max = 64 * 1024 * 1024;

struct Connection {
  explicit Connection(tcp::socket socket) : stream{std::move(socket)} {}
  beast::tcp_stream stream;
};

class File {
 public:
  explicit File(std::filesystem::path const& path) : file_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {}

  [[nodiscard]] std::optional<std::uint64_t> size() const {
    struct stat facts {};
    if (!file_ || ::fstat(file_.number(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(facts.st_size);
  }
  /// Bytes read, 0 at the end or on a fault.
  [[nodiscard]] std::size_t read_at(std::uint64_t offset, char* into, std::size_t count) const {
    ssize_t const got = ::pread(file_.number(), into, count, static_cast<off_t>(offset));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  Descriptor file_;
};

/// What came of reading one request.
struct Reading {
  enum class Outcome { request, refused, closed };
  Outcome outcome = Outcome::closed;
  ServerRequest request;
  bool keep_alive = false;
  int status = 0;  ///< refused: with what
};

std::uint64_t bytes_to_send(ServerResponse const& response, SentWith const& with, Head const& head) {
  if (with.head_only) return 0;
  return response.sending == Sending::half ? head.count / 2 : head.count;
}

/// Programs we start must not inherit our sockets: one that outlives a killed callsheet would keep the port.
void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

Reading refused(error_code error) {
  Reading reading;
  reading.outcome = Reading::Outcome::refused;
  if (error == beast::http::error::body_limit)
    reading.status = 413;
  else if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow)
    reading.status = 431;
  else if (error.category() == beast::http::make_error_code(beast::http::error::bad_version).category() &&
           error != beast::http::error::end_of_stream && error != beast::http::error::partial_message)
    reading.status = 400;
  else
    reading.outcome = Reading::Outcome::closed;
  return reading;
}

Reading taken(Parser& parser) {
  Reading reading;
  reading.outcome = Reading::Outcome::request;
  reading.keep_alive = parser.keep_alive();
  auto message = parser.release();
  reading.request.method = std::string{message.method_string()};
  reading.request.target = std::string{message.target()};
  for (auto const& field : message)
    reading.request.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
  reading.request.body = std::move(message.body());
  return reading;
}

}  // namespace

class Server::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(net::io_context& io, ServerOptions options, Handler handler)
      : options_{std::move(options)}, handler_{std::move(handler)}, acceptor_{io}, changed_{io} {
    changed_.expires_at(net::steady_timer::time_point::max());
  }

  error_code open() {
    error_code error;
    auto const address = net::ip::make_address(options_.address, error);
    if (error) return error;
    tcp::endpoint const endpoint{address, options_.port};
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
    stopped_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    for (auto const& connection : connections_) connection->stream.close();
    changed_.cancel();
  }

  static net::awaitable<void> join(std::shared_ptr<Listener> self) {
    while (!self->connections_.empty()) co_await self->changed_.async_wait(tuple);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  using ConnectionPtr = std::shared_ptr<Connection>;

  static net::awaitable<void> accept(std::shared_ptr<Listener> self) {
    while (!self->stopped_) {
      if (self->connections_.size() >= self->options_.connections_max) {
        co_await self->changed_.async_wait(tuple);
        continue;
      }
      auto [error, socket] = co_await self->acceptor_.async_accept(tuple);
      if (error == net::error::operation_aborted || self->stopped_) co_return;
      if (error) {  // out of descriptors, or the peer left: let connections end, then go on
        net::steady_timer pause{self->acceptor_.get_executor(), std::chrono::milliseconds{50}};
        co_await pause.async_wait(tuple);
        continue;
      }
      close_on_exec(socket.native_handle());
      error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      self->adopt(std::make_shared<Connection>(std::move(socket)));
    }
  }

  void adopt(ConnectionPtr connection) {
    connections_.insert(connection);
    net::co_spawn(acceptor_.get_executor(), serve(shared_from_this(), connection),
                  [self = shared_from_this(), connection](std::exception_ptr failure) {
                    self->report(failure);
                    self->connections_.erase(connection);
                    self->changed_.cancel();
                  });
  }

  void report(std::exception_ptr failure) const {
    if (!failure || !options_.on_failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (std::exception const& exception) {
      options_.on_failure(exception.what());
    }
  }

  static net::awaitable<void> serve(std::shared_ptr<Listener> self, ConnectionPtr connection) {
    beast::flat_buffer buffer{self->options_.header_bytes_max + file_piece_bytes};
    bool keep_alive = true;
    while (keep_alive && !self->stopped_) {
      Reading reading = co_await self->read(connection->stream, buffer);
      if (reading.outcome == Reading::Outcome::closed) break;
      bool const asked = reading.outcome == Reading::Outcome::request;
      SentWith with{reading.request.method == "HEAD", asked && reading.keep_alive, {}, {}};
      if (asked) with.range = text_of(find_header(reading.request.headers, "Range"));
      if (asked) with.if_range = text_of(find_header(reading.request.headers, "If-Range"));
      ServerResponse response;
      if (asked)
        response = co_await self->ask(std::move(reading.request));
      else
        response = self->refusal(reading.status);
      if (response.sending == Sending::none) break;
      if (response.sending == Sending::last) with.keep_alive = false;
      keep_alive = co_await self->send(connection->stream, response, with) && with.keep_alive &&
                   response.sending == Sending::whole;
      if (!asked) co_await self->drain(connection->stream);
    }
    connection->stream.close();
  }

  net::awaitable<Reading> read(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
    Parser parser;
    parser.header_limit(options_.header_bytes_max);
    parser.body_limit(options_.body_bytes_max);
    stream.expires_after(options_.idle_time_out);
    auto [error, ignored] = co_await beast::http::async_read_header(stream, buffer, parser, tuple);
    if (error) co_return refused(error);
    if (parser.get()[beast::http::field::expect] == "100-continue") {
      static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await net::async_write(stream, net::buffer(go_on), tuple);
    }
    while (!parser.is_done()) {
      stream.expires_after(options_.idle_time_out);
      auto [fault, more] = co_await beast::http::async_read_some(stream, buffer, parser, tuple);
      if (fault) co_return refused(fault);
    }
    co_return taken(parser);
  }

  net::awaitable<ServerResponse> ask(ServerRequest request) {
    std::string failure;
    try {
      co_return co_await handler_(std::move(request));
    } catch (std::exception const& exception) {
      failure = exception.what();
    }
    if (options_.on_failure) options_.on_failure(failure);
    co_return refusal(500);
  }

  [[nodiscard]] ServerResponse refusal(int status) const {
    if (options_.refuse) return options_.refuse(status);
    ServerResponse response;
    response.status = status;
    response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    response.body = fmt::format("{} {}\n", status, reason_of(status));
    return response;
  }

  net::awaitable<bool> send(beast::tcp_stream& stream, ServerResponse& response, SentWith const& with) {
    if (auto const* file = std::get_if<FileBody>(&response.body)) {
      File const opened{file->path};
      std::optional<std::uint64_t> const size = opened.size();
      if (size) co_return co_await send_file(stream, response, with, opened, *size);
      response = refusal(404);
    }
    if (auto const* pieces = std::get_if<StreamBody>(&response.body))
      co_return co_await send_stream(stream, response, with, *pieces);
    std::string_view bytes;
    bool ranged = false;
    if (auto const* text = std::get_if<std::string>(&response.body)) bytes = *text;
    if (auto const* shared = std::get_if<SharedBody>(&response.body); shared != nullptr && *shared) {
      bytes = **shared;
      ranged = true;
    }
    Head const head =
        ranged ? ranged_head(response, with, bytes.size()) : plain_head(response, with, bytes.size());
    std::array<net::const_buffer, 2> const buffers{
        net::buffer(head.text), net::buffer(bytes.data() + head.first, bytes_to_send(response, with, head))};
    stream.expires_after(options_.idle_time_out);
    auto [error, ignored] = co_await net::async_write(stream, buffers, tuple);
    co_return !error;
  }

  net::awaitable<bool> send_file(beast::tcp_stream& stream, ServerResponse const& response,
                                 SentWith const& with, File const& file, std::uint64_t size) {
    Head const head = ranged_head(response, with, size);
    stream.expires_after(options_.idle_time_out);
    auto [head_error, ignored] = co_await net::async_write(stream, net::buffer(head.text), tuple);
    if (head_error) co_return false;
    std::uint64_t left = bytes_to_send(response, with, head);
    std::uint64_t at = head.first;
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left, file_piece_bytes)), '\0');
    while (left > 0) {
      std::size_t const got = file.read_at(
          at, piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size())));
      if (got == 0) co_return false;  // the file shrank: only closing tells the peer
      stream.expires_after(options_.idle_time_out);
      auto [error, sent] = co_await net::async_write(stream, net::buffer(piece.data(), got), tuple);
      if (error) co_return false;
      at += got;
      left -= got;
    }
    co_return true;
  }

  net::awaitable<bool> send_stream(beast::tcp_stream& stream, ServerResponse const& response,
                                   SentWith const& with, StreamBody const& pieces) {
    Head const head = stream_head(response);
    stream.expires_after(options_.idle_time_out);
    auto [head_error, ignored] = co_await net::async_write(stream, net::buffer(head.text), tuple);
    bool more = !head_error && !with.head_only;
    while (more && !stopped_) {
      std::optional<std::string> const piece = co_await pieces.next();
      if (!piece || stopped_) break;
      stream.expires_after(options_.idle_time_out);
      auto [error, sent] = co_await net::async_write(stream, net::buffer(*piece), tuple);
      more = !error;
    }
    co_return false;
  }

  /// A peer that is still sending would get a reset, and never see our refusal, if we closed at once.
  net::awaitable<void> drain(beast::tcp_stream& stream) {
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream.expires_after(linger);
    std::string waste(64 * 1024, '\0');
    std::size_t total = 0;
    while (total < linger_bytes_max) {
      auto [error, count] = co_await stream.async_read_some(net::buffer(waste), tuple);
      if (error) co_return;
      total += count;
    }
  }

  ServerOptions options_;
  Handler handler_;
  tcp::acceptor acceptor_;
  net::steady_timer changed_;  ///< never expires; cancelled whenever a connection ends or we stop
  std::unordered_set<ConnectionPtr> connections_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

Result<std::unique_ptr<Server>> Server::listen(net::io_context& io, ServerOptions options, Handler handler) {
  std::string const where = fmt::format("{}:{}", options.address, options.port);
  auto listener = std::make_shared<Listener>(io, std::move(options), std::move(handler));
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
