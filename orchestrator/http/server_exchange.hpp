#pragma once

// Requests and answers over a stream: included by server_plain.cpp and server_tls.cpp only.

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/http/reply_text.hpp"
#include "orchestrator/http/server_connection.hpp"

#include <array>
#include <cstdio>
#include <type_traits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
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
using RequestParser = beast::http::request_parser<beast::http::string_body>;

class SentFile {
 public:
  explicit SentFile(std::filesystem::path const& path) : file_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {}

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

inline std::uint64_t bytes_to_send(ServerResponse const& response, SentWith const& with, Head const& head) {
  if (with.head_only) return 0;
  return response.sending == Sending::half ? head.count / 2 : head.count;
}

inline Reading refused(error_code error) {
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

inline Reading taken(RequestParser& parser) {
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

template <class Stream>
class StreamServing final : public ServedConnection {
 public:
  StreamServing(std::shared_ptr<Serving> serving, Stream stream)
      : serving_{std::move(serving)}, stream_{std::move(stream)} {}

  void close() override { socket_stream().close(); }

  net::awaitable<void> serve() override {
    if constexpr (is_tls) {
      socket_stream().expires_after(serving_->options.idle_time_out);
      auto [error] = co_await stream_.async_handshake(net::ssl::stream_base::server, tuple);
      if (error) {
        socket_stream().close();
        co_return;
      }
    }
    beast::flat_buffer buffer{serving_->options.header_bytes_max + file_piece_bytes};
    bool keep_alive = true;
    while (keep_alive && !serving_->stopped) {
      Reading reading = co_await read(buffer);
      if (reading.outcome == Reading::Outcome::closed) break;
      bool const asked = reading.outcome == Reading::Outcome::request;
      SentWith with{reading.request.method == "HEAD", asked && reading.keep_alive, {}, {}};
      if (asked) with.range = text_of(find_header(reading.request.headers, "Range"));
      if (asked) with.if_range = text_of(find_header(reading.request.headers, "If-Range"));
      ServerResponse response;
      if (asked)
        response = co_await ask(std::move(reading.request));
      else
        response = refusal(reading.status);
      if (response.sending == Sending::none) break;
      if (response.sending == Sending::last) with.keep_alive = false;
      keep_alive = co_await send(response, with) && with.keep_alive && response.sending == Sending::whole;
      if (!asked) co_await drain();
    }
    if constexpr (is_tls) {
      // That we have no more to say: without it an end looks like one that somebody else has made.
      socket_stream().expires_after(linger);
      co_await stream_.async_shutdown(tuple);
    }
    socket_stream().close();
  }

 private:
  static constexpr bool is_tls = !std::is_same_v<Stream, beast::tcp_stream>;
  static constexpr auto tuple = net::as_tuple(net::use_awaitable);
  static constexpr std::size_t file_piece_bytes = 256 * 1024;
  static constexpr std::chrono::seconds linger{2};
  static constexpr std::size_t linger_bytes_max = 64 * 1024 * 1024;

  [[nodiscard]] beast::tcp_stream& socket_stream() { return beast::get_lowest_layer(stream_); }

  net::awaitable<Reading> read(beast::flat_buffer& buffer) {
    RequestParser parser;
    parser.header_limit(serving_->options.header_bytes_max);
    parser.body_limit(serving_->options.body_bytes_max);
    socket_stream().expires_after(serving_->options.idle_time_out);
    auto [error, ignored] = co_await beast::http::async_read_header(stream_, buffer, parser, tuple);
    if (error) co_return refused(error);
    if (parser.get()[beast::http::field::expect] == "100-continue") {
      static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await net::async_write(stream_, net::buffer(go_on), tuple);
    }
    while (!parser.is_done()) {
      socket_stream().expires_after(serving_->options.idle_time_out);
      auto [fault, more] = co_await beast::http::async_read_some(stream_, buffer, parser, tuple);
      if (fault) co_return refused(fault);
    }
    co_return taken(parser);
  }

  net::awaitable<ServerResponse> ask(ServerRequest request) {
    std::string failure;
    try {
      co_return co_await serving_->handler(std::move(request));
    } catch (std::exception const& exception) {
      failure = exception.what();
    }
    if (serving_->options.on_failure) serving_->options.on_failure(failure);
    co_return refusal(500);
  }

  [[nodiscard]] ServerResponse refusal(int status) const {
    if (serving_->options.refuse) return serving_->options.refuse(status);
    ServerResponse response;
    response.status = status;
    response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    response.body = fmt::format("{} {}\n", status, reason_of(status));
    return response;
  }

  net::awaitable<bool> send(ServerResponse& response, SentWith const& with) {
    if (auto const* file = std::get_if<FileBody>(&response.body)) {
      SentFile const opened{file->path};
      std::optional<std::uint64_t> const size = opened.size();
      if (size) co_return co_await send_file(response, with, opened, *size);
      response = refusal(404);
    }
    if (auto const* pieces = std::get_if<StreamBody>(&response.body))
      co_return co_await send_stream(response, with, *pieces);
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
    socket_stream().expires_after(serving_->options.idle_time_out);
    auto [error, ignored] = co_await net::async_write(stream_, buffers, tuple);
    co_return !error;
  }

  net::awaitable<bool> send_file(ServerResponse const& response, SentWith const& with, SentFile const& file,
                                 std::uint64_t size) {
    Head const head = ranged_head(response, with, size);
    socket_stream().expires_after(serving_->options.idle_time_out);
    auto [head_error, ignored] = co_await net::async_write(stream_, net::buffer(head.text), tuple);
    if (head_error) co_return false;
    std::uint64_t left = bytes_to_send(response, with, head);
    std::uint64_t at = head.first;
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left, file_piece_bytes)), '\0');
    while (left > 0) {
      std::size_t const got = file.read_at(
          at, piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size())));
      if (got == 0) co_return false;  // the file shrank: only closing tells the peer
      socket_stream().expires_after(serving_->options.idle_time_out);
      auto [error, sent] = co_await net::async_write(stream_, net::buffer(piece.data(), got), tuple);
      if (error) co_return false;
      at += got;
      left -= got;
    }
    co_return true;
  }

  net::awaitable<bool> send_stream(ServerResponse const& response, SentWith const& with,
                                   StreamBody const& pieces) {
    Head const head = stream_head(response);
    socket_stream().expires_after(serving_->options.idle_time_out);
    auto [head_error, ignored] = co_await net::async_write(stream_, net::buffer(head.text), tuple);
    bool more = !head_error && !with.head_only;
    while (more && !serving_->stopped) {
      std::optional<std::string> const piece = co_await pieces.next();
      if (!piece || serving_->stopped) break;
      socket_stream().expires_after(serving_->options.idle_time_out);
      auto [error, sent] = co_await net::async_write(stream_, net::buffer(*piece), tuple);
      more = !error;
    }
    co_return false;
  }

  /// A peer that is still sending would get a reset, and never see our refusal, if we closed at once.
  net::awaitable<void> drain() {
    error_code ignored;
    socket_stream().socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
    socket_stream().expires_after(linger);
    std::string waste(64 * 1024, '\0');
    std::size_t total = 0;
    while (total < linger_bytes_max) {
      auto [error, count] = co_await stream_.async_read_some(net::buffer(waste), tuple);
      if (error) co_return;
      total += count;
    }
  }

  std::shared_ptr<Serving> serving_;
  Stream stream_;
};

}  // namespace callsheet::http
