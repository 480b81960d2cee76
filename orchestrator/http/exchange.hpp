#pragma once

// The exchange of one request and answer over a stream: included by client_plain.cpp and client_tls.cpp only.

#include "orchestrator/core/assert.hpp"
#include "orchestrator/http/connection.hpp"
#include "orchestrator/http/deadlines.hpp"
#include "orchestrator/http/request_text.hpp"
#include "orchestrator/http/response_parser.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace callsheet::http {

namespace beast = boost::beast;
namespace net = boost::asio;
using boost::system::error_code;

inline Error network_error(error_code code, Url const& url, char const* doing) {
  if (code == net::error::timed_out)
    return {.code = Code::timed_out, .what = fmt::format("{} {} took too long", doing, origin_of(url))};
  if (code == beast::http::error::body_limit || code == beast::http::error::header_limit)
    return {.code = Code::too_large,
            .what = fmt::format("the answer of {} is larger than allowed", origin_of(url))};
  if (code.category() == beast::http::make_error_code(beast::http::error::bad_value).category() &&
      code != beast::http::error::end_of_stream && code != beast::http::error::partial_message)
    return {.code = Code::bad_answer,
            .what = fmt::format("{} did not answer in HTTP: {}", origin_of(url), code.message())};
  return {.code = Code::unreachable,
          .what = fmt::format("{} {} failed: {}", doing, origin_of(url), code.message())};
}

/// A stream whose operations are ended by the deadlines it was made with.
template <class Stream>
class StreamConnection final : public Connection, private Deadlines::Watched {
 public:
  StreamConnection(Stream stream, std::shared_ptr<Deadlines> deadlines)
      : stream_{std::move(stream)}, deadlines_{std::move(deadlines)} {}

  [[nodiscard]] Stream& stream() { return stream_; }

  /// Runs one operation of setting the connection up: empty, or what it failed with.
  template <class Operation>
  net::awaitable<error_code> within(std::chrono::milliseconds limit, Operation operation) {
    Watch const watch{*this};
    due = std::chrono::steady_clock::now() + limit;
    auto [error] = co_await operation(stream_);
    co_return judged(error);
  }

  net::awaitable<Outcome<Response>> exchange(Request const& request, BodySink& sink) override {
    reusable_ = false;
    if (!write_request(request, out_))
      co_return failed(Sent::nothing, {.code = Code::usage, .what = "the request has control characters"});
    end_ = std::chrono::steady_clock::now() + request.timeouts.total;
    Watch const watch{*this};
    if (request.source != nullptr) co_return co_await exchange_paced(request, sink);
    arm(request.timeouts.idle);
    auto [write_error, written] =
        co_await net::async_write(stream_, net::buffer(out_), net::as_tuple(net::use_awaitable));
    if (write_error)
      co_return failed(written == 0 ? Sent::nothing : Sent::part,
                       network_error(judged(write_error), request.url, "sending to"));
    co_return co_await read_answer(request, sink, request.timeouts.idle);
  }

  bool reusable() const override { return reusable_; }

  bool still_open() override {
    char byte = 0;
    auto const got =
        ::recv(stream_.lowest_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT | MSG_NOSIGNAL);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  static constexpr std::uint32_t header_most = 32 * 1024;
  static constexpr std::size_t piece_bytes = 4 * 1024;  ///< most answers fit
  static constexpr std::size_t body_piece_bytes = 64 * 1024;
  static constexpr int unsent_bytes_most = 256 * 1024;

  /// A body that is made while it is sent. Each byte that moves gives it more time.
  net::awaitable<Outcome<Response>> exchange_paced(Request const& request, BodySink& sink) {
    // What the system has taken and not yet sent tells nothing of the other side.
    ::setsockopt(stream_.lowest_layer().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes_most,
                 sizeof unsent_bytes_most);
    BodySource& source = *request.source;
    source.rewind();
    std::uint64_t sent = 0;  // of head and body
    for (std::uint64_t left = source.size_bytes(); left > 0;) {
      due = Deadlines::TimePoint::max();  // our own disk is no fault of the other side
      Result<std::string_view> const piece = co_await source.next();
      if (!piece) co_return failed(sent == 0 ? Sent::nothing : Sent::part, piece.error());
      CALLSHEET_ASSERT(!piece->empty() && piece->size() <= left);
      left -= piece->size();
      error_code error;
      if (sent == 0) error = co_await write_paced(out_, request.timeouts, sent);
      if (!error) error = co_await write_paced(*piece, request.timeouts, sent);
      if (error) co_return co_await refused_or_failed(request, sink, sent, error);
    }
    end_ = std::chrono::steady_clock::now() + request.timeouts.answer;
    co_return co_await read_answer(request, sink, request.timeouts.answer);
  }

  net::awaitable<error_code> write_paced(std::string_view bytes, Timeouts timeouts, std::uint64_t& sent) {
    while (!bytes.empty()) {
      arm(timeouts.idle);
      auto [error, count] = co_await stream_.async_write_some(net::buffer(bytes.data(), bytes.size()),
                                                              net::as_tuple(net::use_awaitable));
      if (error) co_return judged(error);
      bytes.remove_prefix(count);
      if (sent / paced_bytes != (sent + count) / paced_bytes)
        end_ = std::chrono::steady_clock::now() + timeouts.total;
      sent += count;
    }
    co_return error_code{};
  }

  /// A server that wants no more of a body answers and closes the connection: what it says is better than
  /// that it closed. What it may have taken for a whole body was none.
  net::awaitable<Outcome<Response>> refused_or_failed(Request const& request, BodySink& sink,
                                                      std::uint64_t sent, error_code error) {
    if (error != net::error::timed_out) {
      Outcome<Response> answer = co_await read_answer(request, sink, request.timeouts.idle);
      reusable_ = false;
      if (answer && answer->status >= 400) co_return answer;
    }
    co_return failed(sent == 0 ? Sent::nothing : Sent::part, network_error(error, request.url, "sending to"));
  }

  net::awaitable<Outcome<Response>> read_answer(Request const& request, BodySink& sink,
                                                std::chrono::milliseconds idle) {
    ResponseParser parser{sink};
    parser.header_limit(header_most);
    parser.body_limit(request.body_most);
    while (!parser.is_done()) {
      arm(idle);
      auto [read_error, size] = co_await stream_.async_read_some(in_.prepare(next_piece(parser)),
                                                                 net::as_tuple(net::use_awaitable));
      in_.commit(size);
      error_code const error = feed(parser, judged(read_error));
      if (parser.sink_failure()) co_return failed(Sent::all, *parser.sink_failure());
      if (error) {
        auto failure = failed(
            Sent::all, network_error(error, request.url,
                                     parser.is_header_done() ? "reading from" : "waiting for the answer of"));
        failure.value().answer_began = parser.got_some();
        co_return failure;
      }
    }
    reusable_ = parser.keep_alive() && in_.size() == 0;
    co_return parser.take();
  }

  /// Watched by the deadlines while it exists.
  class Watch {
   public:
    explicit Watch(StreamConnection& connection) : connection_{connection} {
      connection_.given_up_ = false;
      connection_.due = Deadlines::TimePoint::max();
      connection_.deadlines_->watch(connection_);
    }
    ~Watch() { connection_.deadlines_->leave(connection_); }
    Watch(Watch const&) = delete;
    Watch& operator=(Watch const&) = delete;

   private:
    StreamConnection& connection_;
  };

  static tl::unexpected<TransferFailure> failed(Sent sent, Error error) {
    return tl::unexpected<TransferFailure>{TransferFailure{sent, std::move(error)}};
  }

  /// No phase may last longer than the idle time-out, nor the whole beyond its end.
  void arm(std::chrono::milliseconds idle) { due = std::min(end_, std::chrono::steady_clock::now() + idle); }

  void give_up() override {
    given_up_ = true;
    error_code ignored;
    stream_.lowest_layer().close(ignored);
  }

  [[nodiscard]] error_code judged(error_code error) const {
    return error && given_up_ ? error_code{net::error::timed_out} : error;
  }

  /// How much to read at once: of a long body as much as there is, up to a limit; else little, for the memory
  /// is kept with the connection.
  [[nodiscard]] std::size_t next_piece(ResponseParser const& parser) const {
    std::size_t most = piece_bytes;
    if (parser.is_header_done())
      most = static_cast<std::size_t>(std::clamp<std::uint64_t>(parser.content_length_remaining().value_or(0),
                                                                piece_bytes, body_piece_bytes));
    return std::min(most, in_.max_size() - in_.size());
  }

  /// Hands what was read to the parser: empty when more is to come, or the answer is whole.
  error_code feed(ResponseParser& parser, error_code read_error) {
    error_code error;
    if (in_.size() > 0) {
      in_.consume(parser.put(in_.data(), error));
      if (error && error != beast::http::error::need_more) return error;
      error = {};
    }
    if (parser.is_done()) return {};
    if (read_error == net::error::eof) {
      if (!parser.got_some()) return beast::http::error::end_of_stream;
      parser.put_eof(error);
      return error;
    }
    if (!read_error && in_.size() == in_.max_size()) return beast::http::error::header_limit;
    return read_error;
  }

  Stream stream_;
  std::shared_ptr<Deadlines> deadlines_;
  std::string out_;
  beast::flat_buffer in_{header_most + body_piece_bytes};
  Deadlines::TimePoint end_{};
  bool given_up_ = false;
  bool reusable_ = false;
};

}  // namespace callsheet::http
