#include "orchestrator/http/exchange.hpp"

namespace callsheet::http {

net::awaitable<ConnectionResult> connect_plain(net::ip::tcp::endpoint endpoint, Timeouts timeouts,
                                               std::shared_ptr<Deadlines> deadlines) {
  using Connected = StreamConnection<net::ip::tcp::socket>;
  auto connection = std::make_unique<Connected>(net::ip::tcp::socket{co_await net::this_coro::executor},
                                                std::move(deadlines));
  error_code const error = co_await connection->within(timeouts.connect, [&](auto& stream) {
    return stream.async_connect(endpoint, net::as_tuple(net::use_awaitable));
  });
  if (error) {
    Error what{.code = error == net::error::timed_out ? Code::timed_out : Code::unreachable,
               .what = fmt::format("connecting to {} port {} failed: {}", endpoint.address().to_string(),
                                   endpoint.port(), error.message())};
    co_return tl::unexpected<TransferFailure>{TransferFailure{Sent::nothing, std::move(what)}};
  }
  error_code ignored;
  connection->stream().set_option(net::ip::tcp::no_delay{true}, ignored);
  co_return std::move(connection);
}

}  // namespace callsheet::http
