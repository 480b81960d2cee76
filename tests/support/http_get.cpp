#include "tests/support/http_get.hpp"

#include <charconv>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace callsheet::test {

namespace {

namespace net = boost::asio;
using net::ip::tcp;

HttpAnswer parse(std::string const& bytes) {
  HttpAnswer answer;
  std::size_t const end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || !bytes.starts_with("HTTP/1.1 ")) return answer;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, answer.status);
  std::size_t at = bytes.find("\r\n") + 2;
  while (at < end + 2) {
    std::size_t const line_end = bytes.find("\r\n", at);
    std::string const line = bytes.substr(at, line_end - at);
    std::size_t const colon = line.find(": ");
    if (colon != std::string::npos) answer.headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
    at = line_end + 2;
  }
  answer.body = bytes.substr(end + 4);
  return answer;
}

}  // namespace

std::string raw_exchange(std::uint16_t port, std::string_view bytes) {
  net::io_context io;
  tcp::socket socket{io};
  socket.connect({net::ip::address_v4::loopback(), port});
  boost::system::error_code error;
  net::write(socket, net::buffer(bytes), error);
  std::string received;
  net::read(socket, net::dynamic_buffer(received), error);
  return received;
}

HttpAnswer call(HttpCall const& request) {
  std::string bytes =
      request.method + " " + request.target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
  for (http::Header const& header : request.headers) bytes += header.name + ": " + header.value + "\r\n";
  if (!request.body.empty()) bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  bytes += "\r\n" + request.body;
  return parse(raw_exchange(request.port, bytes));
}

}  // namespace callsheet::test
