#include "tests/support/tls_server.hpp"

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace callsheet::test {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

/// A key, and a certificate that it signs itself.
void write_certificate(std::string const& host, std::filesystem::path const& certificate,
                       std::filesystem::path const& key_file) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> const x509{X509_new(), &X509_free};
  X509_set_version(x509.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(x509.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(host.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(x509.get(), name);
  std::string const names = "DNS:" + host;
  std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> const extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()), &X509_EXTENSION_free};
  X509_add_ext(x509.get(), extension.get(), -1);
  if (X509_sign(x509.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error{"cannot sign"};
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out{std::fopen(certificate.c_str(), "w"),
                                                            &std::fclose};
  PEM_write_X509(out.get(), x509.get());
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const key_out{std::fopen(key_file.c_str(), "w"),
                                                                &std::fclose};
  PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

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
  write_certificate(host, certificate(), key);
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
