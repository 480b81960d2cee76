#include "orchestrator/http/server_exchange.hpp"

namespace callsheet::http {

std::shared_ptr<ServedConnection> plain_connection(std::shared_ptr<Serving> serving,
                                                   net::ip::tcp::socket socket) {
  return std::make_shared<StreamServing<beast::tcp_stream>>(std::move(serving),
                                                            beast::tcp_stream{std::move(socket)});
}

}  // namespace callsheet::http
