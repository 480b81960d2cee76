#include "tests/support/scripted_server.hpp"

#include <array>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace callsheet::test {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

std::string Conversation::read_head() {
  error_code error;
  std::size_t const size = net::read_until(socket_, net::dynamic_buffer(unread_), "\r\n\r\n", error);
  if (error) return {};
  std::string head = unread_.substr(0, size);
  unread_.erase(0, size);
  return head;
}

std::string Conversation::read(std::size_t size) {
  error_code ignored;
  if (unread_.size() < size)
    net::read(socket_, net::dynamic_buffer(unread_), net::transfer_exactly(size - unread_.size()), ignored);
  std::string bytes = unread_.substr(0, size);
  unread_.erase(0, bytes.size());
  return bytes;
}

void Conversation::write(std::string_view bytes) {
  error_code ignored;
  net::write(socket_, net::buffer(bytes), ignored);
}

void Conversation::tunnel_to(std::uint16_t port) {
  net::io_context io;
  tcp::socket other{io};
  error_code error;
  other.connect({net::ip::address_v4::loopback(), port}, error);
  if (error) return;
  auto const pump = [](tcp::socket& from, tcp::socket& to) {
    std::array<char, 16 * 1024> bytes;
    error_code failure;
    while (!failure) {
      std::size_t const size = from.read_some(net::buffer(bytes), failure);
      if (size > 0) net::write(to, net::buffer(bytes, size), failure);
    }
    error_code ignored;
    to.shutdown(tcp::socket::shutdown_both, ignored);
    from.shutdown(tcp::socket::shutdown_both, ignored);
  };
  std::thread back{[&] { pump(other, socket_); }};
  pump(socket_, other);
  back.join();
}

ScriptedServer::ScriptedServer(std::function<void(Conversation&)> talk)
    : acceptor_{io_, tcp::endpoint{net::ip::address_v4::loopback(), 0}},
      port_{acceptor_.local_endpoint().port()},
      talk_{std::move(talk)},
      accepting_{[this] { accept(); }} {}

ScriptedServer::~ScriptedServer() {
  over_ = true;
  // A connection of our own ends the wait for the next one.
  net::io_context io;
  tcp::socket last{io};
  error_code ignored;
  last.connect({net::ip::address_v4::loopback(), port_}, ignored);
  accepting_.join();
  for (std::thread& one : talking_) one.join();
}

void ScriptedServer::accept() {
  while (true) {
    error_code error;
    tcp::socket socket = acceptor_.accept(error);
    if (over_ || error) return;
    ++connections_;
    talking_.emplace_back(
        [this, conversation = Conversation{std::move(socket)}]() mutable { talk_(conversation); });
  }
}

std::string http_answer(std::string_view status, std::string_view body, std::string_view headers) {
  std::string text{"HTTP/1.1 "};
  text.append(status).append("\r\n").append(headers);
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

}  // namespace callsheet::test
