#pragma once

// The exchange of one request and answer over a Beast stream: included by client_plain.cpp and client_tls.cpp
// only.

#include "orchestrator/http/connection.hpp"

#include <algorithm>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

namespace callsheet::http {

namespace beast = boost::beast;
namespace net = boost::asio;
using boost::system::error_code;

inline Error network_error(error_code code, Url const& url, char const* doing) {
  if (code == beast::error::timeout)
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

template <class Stream>
class StreamConnection final : public Connection {
 public:
  explicit StreamConnection(Stream stream) : stream_{std::move(stream)} {}

  net::awaitable<Outcome<Response>> exchange(Request const& request, BodySink& sink) override {
    reusable_ = false;
    deadline_ = std::chrono::steady_clock::now() + request.timeouts.total;
    auto message = message_for(request);
    arm(request.timeouts);
    auto [write_error, written] =
        co_await beast::http::async_write(stream_, message, net::as_tuple(net::use_awaitable));
    if (write_error)
      co_return failed(written == 0 ? Sent::nothing : Sent::part,
                       network_error(write_error, request.url, "sending to"));

    beast::http::response_parser<beast::http::buffer_body> parser;
    parser.header_limit(header_most);
    parser.body_limit(request.body_most);
    arm(request.timeouts);
    auto [head_error, head_size] =
        co_await beast::http::async_read_header(stream_, buffer_, parser, net::as_tuple(net::use_awaitable));
    if (head_error)
      co_return failed(Sent::all, network_error(head_error, request.url, "waiting for the answer of"));

    Response response = head_of(parser);
    std::optional<std::uint64_t> length;
    if (auto const promised = parser.content_length()) length = *promised;
    if (Result<void> begun = sink.begin(response, length); !begun) co_return failed(Sent::all, begun.error());
    while (!parser.is_done()) {
      parser.get().body().data = piece_.data();
      parser.get().body().size = piece_.size();
      arm(request.timeouts);
      auto [error, size] =
          co_await beast::http::async_read(stream_, buffer_, parser, net::as_tuple(net::use_awaitable));
      if (error == beast::http::error::need_buffer) error = {};
      if (error) co_return failed(Sent::all, network_error(error, request.url, "reading from"));
      std::size_t const filled = piece_.size() - parser.get().body().size;
      if (Result<void> taken = sink.write({piece_.data(), filled}); !taken)
        co_return failed(Sent::all, taken.error());
    }
    reusable_ = parser.keep_alive() && buffer_.size() == 0;
    co_return response;
  }

  bool reusable() const override { return reusable_; }

  bool still_open() override {
    auto& socket = beast::get_lowest_layer(stream_).socket();
    error_code error;
    char byte = 0;
    socket.non_blocking(true, error);
    socket.receive(net::buffer(&byte, 1), net::socket_base::message_peek, error);
    return error == net::error::would_block;
  }

 private:
  static constexpr std::uint32_t header_most = 32 * 1024;
  static constexpr std::size_t piece_bytes = 32 * 1024;

  static Outcome<Response> failed(Sent sent, Error error) {
    return tl::unexpected<TransferFailure>{TransferFailure{sent, std::move(error)}};
  }

  /// No phase may last longer than the idle time-out, nor the whole beyond its deadline.
  void arm(Timeouts const& timeouts) {
    beast::get_lowest_layer(stream_).expires_at(
        std::min(deadline_, std::chrono::steady_clock::now() + timeouts.idle));
  }

  static auto message_for(Request const& request) {
    beast::http::request<beast::http::string_body> message;
    message.method_string(request.method);
    message.target(request.url.target);
    std::string host = origin_of(request.url);
    message.set(beast::http::field::host, host.substr(host.find("://") + 3));
    for (Header const& header : request.headers) message.set(header.name, header.value);
    message.body() = request.body;
    if (!request.body.empty() || request.method == "POST") message.prepare_payload();
    return message;
  }

  template <class Parser>
  static Response head_of(Parser const& parser) {
    Response response{.status = static_cast<int>(parser.get().result_int()), .headers = {}, .body = {}};
    for (auto const& field : parser.get())
      response.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
    return response;
  }

  Stream stream_;
  beast::flat_buffer buffer_;
  std::vector<char> piece_ =
      std::vector<char>(piece_bytes);  ///< of the connection: a coroutine frame that holds it costs
  std::chrono::steady_clock::time_point deadline_;
  bool reusable_ = false;
};

}  // namespace callsheet::http
