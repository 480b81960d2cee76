#include "tests/support/tls_server.hpp"

#include "tests/support/certificate.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

namespace callsheet::test {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

std::size_t length_in(std::string const& head) {
  static constexpr std::string_view name = "\r\nContent-Length: ";
  std::size_t const at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

struct TlsServer::Serving {
  explicit Serving(std::function<std::string(std::string const&)> answer_with)
      : answer{std::move(answer_with)}, acceptor{io, tcp::endpoint{net::ip::address_v4::loopback(), 0}} {}

  void accept() {
    while (true) {
      error_code error;
      tcp::socket socket = acceptor.accept(error);
      if (over || error) return;
      talking.emplace_back([this, taken = std::move(socket)]() mutable { talk(std::move(taken)); });
    }
  }

  void talk(tcp::socket socket) {
    net::ssl::stream<tcp::socket> stream{std::move(socket), tls};
    error_code error;
    stream.handshake(net::ssl::stream_base::server, error);
    std::string unread;
    while (!error) {
      std::size_t const size = net::read_until(stream, net::dynamic_buffer(unread), "\r\n\r\n", error);
      if (error) return;
      std::string const head = unread.substr(0, size);
      unread.erase(0, size);
      std::size_t const length = length_in(head);
      if (unread.size() < length)
        net::read(stream, net::dynamic_buffer(unread), net::transfer_exactly(length - unread.size()), error);
      if (error) return;
      body_bytes += length;
      unread.erase(0, length);
      std::string const bytes = answer(head);
      if (bytes.empty()) return;
      net::write(stream, net::buffer(bytes), error);
    }
  }

  std::function<std::string(std::string const&)> answer;
  net::io_context io;
  net::ssl::context tls{net::ssl::context::tls_server};
  tcp::acceptor acceptor;
  std::atomic<bool> over = false;
  std::atomic<std::size_t> body_bytes = 0;
  std::vector<std::thread> talking;
  std::thread accepting;
};

TlsServer::TlsServer(std::string const& host, std::function<std::string(std::string const&)> answer)
    : serving_{std::make_unique<Serving>(std::move(answer))} {
  std::filesystem::path const key = folder_.path() / "key.pem";
  write_certificate({.certificate = certificate(), .key = key}, host);
  serving_->tls.use_certificate_file(certificate().string(), net::ssl::context::pem);
  serving_->tls.use_private_key_file(key.string(), net::ssl::context::pem);
  serving_->accepting = std::thread{[this] { serving_->accept(); }};
}

TlsServer::~TlsServer() {
  serving_->over = true;
  net::io_context io;
  tcp::socket last{io};
  error_code ignored;
  last.connect({net::ip::address_v4::loopback(), port()}, ignored);
  serving_->accepting.join();
  for (std::thread& one : serving_->talking) one.join();
}

std::uint16_t TlsServer::port() const {
  return serving_->acceptor.local_endpoint().port();
}

std::size_t TlsServer::body_bytes() const {
  return serving_->body_bytes;
}

}  // namespace callsheet::test
