#pragma once

#include "tests/support/temporary_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace callsheet::test {

/// A server that is spoken to by TLS, with a certificate of its own for `host`, made for the test. `answer`
/// gets each request's head and gives the whole answer, once the body has come, whose bytes are counted; an
/// empty one closes the connection.
class TlsServer {
 public:
  TlsServer(std::string const& host, std::function<std::string(std::string const& head)> answer);
  ~TlsServer();
  TlsServer(TlsServer const&) = delete;
  TlsServer& operator=(TlsServer const&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Of all bodies.
  [[nodiscard]] std::size_t body_bytes() const;
  /// In PEM, for clients to trust.
  [[nodiscard]] std::filesystem::path certificate() const { return folder_.path() / "certificate.pem"; }

 private:
  struct Serving;
  TemporaryFolder folder_;
  std::unique_ptr<Serving> serving_;
};

}  // namespace callsheet::test
