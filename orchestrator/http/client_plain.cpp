#include "orchestrator/http/exchange.hpp"

namespace callsheet::http {

net::awaitable<ConnectionResult> connect_plain(net::ip::tcp::endpoint endpoint, Timeouts timeouts) {
  beast::tcp_stream stream{co_await net::this_coro::executor};
  stream.expires_after(timeouts.connect);
  auto [error] = co_await stream.async_connect(endpoint, net::as_tuple(net::use_awaitable));
  if (error) {
    Error what{.code = error == beast::error::timeout ? Code::timed_out : Code::unreachable,
               .what = fmt::format("connecting to {} port {} failed: {}", endpoint.address().to_string(),
                                   endpoint.port(), error.message())};
    co_return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(what)}};
  }
  error_code ignored;
  stream.socket().set_option(net::ip::tcp::no_delay{true}, ignored);
  co_return std::make_unique<StreamConnection<beast::tcp_stream>>(std::move(stream));
}

}  // namespace callsheet::http
