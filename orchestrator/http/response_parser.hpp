#pragma once

#include "orchestrator/http/client.hpp"

#include <optional>

#include <boost/beast/http/basic_parser.hpp>

// Private to http/.
namespace callsheet::http {

/// Puts an answer together as its bytes arrive: the head into a Response, the body straight to a sink.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  explicit ResponseParser(BodySink& sink) : sink_{sink} {
    eager(true);
    response_.headers.reserve(expected_headers);
  }

  [[nodiscard]] Response take() { return std::move(response_); }
  /// What the sink failed with.
  [[nodiscard]] std::optional<Error> const& sink_failure() const { return sink_failure_; }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  static constexpr std::size_t expected_headers = 12;

  void on_request_impl(boost::beast::http::verb /*method*/, string_view /*name*/, string_view /*target*/,
                       int /*version*/, error_code& /*error*/) override {}
  void on_response_impl(int status, string_view /*reason*/, int /*version*/, error_code& /*error*/) override {
    response_.status = status;
  }
  void on_field_impl(boost::beast::http::field /*field*/, string_view name, string_view value,
                     error_code& /*error*/) override {
    response_.headers.push_back({std::string{name}, std::string{value}});
  }
  void on_header_impl(error_code& /*error*/) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& error) override {
    note(sink_.begin(response_, length ? std::optional{*length} : std::nullopt), error);
  }
  std::size_t on_body_impl(string_view piece, error_code& error) override {
    note(sink_.write({piece.data(), piece.size()}), error);
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                            error_code& /*error*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, string_view piece, error_code& error) override {
    return on_body_impl(piece, error);
  }
  void on_finish_impl(error_code& /*error*/) override {}

  void note(Result<void> const& taken, error_code& error) {
    if (taken) return;
    sink_failure_ = taken.error();
    error = boost::beast::http::error::body_limit;  // any: sink_failure() is asked first
  }

  BodySink& sink_;
  Response response_;
  std::optional<Error> sink_failure_;
};

}  // namespace callsheet::http
