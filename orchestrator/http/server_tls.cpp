#include "orchestrator/http/server_exchange.hpp"

#include <cerrno>
#include <ctime>
#include <fstream>
#include <memory>
#include <system_error>

#include <boost/asio/ssl/context.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace callsheet::http {

namespace {

constexpr char const* mend =
    "name PEM files: the server's certificate with those that lead to its authority, and its private key "
    "without a passphrase";

Result<void> check_readable(std::filesystem::path const& file) {
  errno = 0;
  std::ifstream in{file, std::ios::binary};
  if (in && in.peek() != std::ifstream::traits_type::eof()) return {};
  return fail(Code::file_system,
              fmt::format("cannot read '{}': {}", file.string(),
                          errno == 0 ? "it is empty" : std::generic_category().message(errno)),
              mend);
}

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

/// OpenSSL would ask for it on the terminal, where nobody may be.
int no_passphrase(char* /*into*/, int /*most*/, int /*writing*/, void* wanted) {
  *static_cast<bool*>(wanted) = true;
  return 0;
}

Result<Key> read_key(std::filesystem::path const& file) {
  std::unique_ptr<BIO, decltype(&BIO_free)> const in{BIO_new_file(file.c_str(), "r"), &BIO_free};
  bool wanted = false;
  Key key{in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, &wanted) : nullptr};
  if (key) return key;
  ERR_clear_error();
  if (wanted)
    return fail(Code::invalid_input, fmt::format("the key '{}' has a passphrase", file.string()), mend);
  return fail(Code::invalid_input, fmt::format("'{}' holds no private key", file.string()), mend);
}

/// "2026-11-27"
std::string day_of(ASN1_TIME const* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

Result<void> check_time(X509 const* certificate, std::filesystem::path const& file) {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    return fail(Code::invalid_input,
                fmt::format("the certificate '{}' has expired on {}", file.string(),
                            day_of(X509_get0_notAfter(certificate))),
                "renew it: whoever calls would not trust it");
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    return fail(Code::invalid_input,
                fmt::format("the certificate '{}' is not valid before {}", file.string(),
                            day_of(X509_get0_notBefore(certificate))),
                "check this machine's clock, or name another certificate");
  return {};
}

}  // namespace

std::shared_ptr<ServedConnection> tls_connection(std::shared_ptr<Serving> serving,
                                                 net::ip::tcp::socket socket, net::ssl::context& tls) {
  using Stream = net::ssl::stream<beast::tcp_stream>;
  return std::make_shared<StreamServing<Stream>>(std::move(serving),
                                                 Stream{beast::tcp_stream{std::move(socket)}, tls});
}

Result<std::shared_ptr<net::ssl::context>> make_server_tls(ServerTls const& files) {
  for (std::filesystem::path const& file : {files.certificate, files.key})
    if (Result<void> readable = check_readable(file); !readable) return fail(readable.error());
  auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  error_code error;
  context->use_certificate_chain_file(files.certificate.string(), error);
  if (error)
    return fail(Code::invalid_input, fmt::format("'{}' holds no certificate", files.certificate.string()),
                mend);
  Result<Key> const key = read_key(files.key);
  if (!key) return fail(key.error());
  if (SSL_CTX_use_PrivateKey(context->native_handle(), key->get()) != 1) {
    ERR_clear_error();
    return fail(Code::invalid_input,
                fmt::format("the key '{}' is not that of the certificate '{}'", files.key.string(),
                            files.certificate.string()),
                "name the two that were made together");
  }
  X509 const* const certificate = SSL_CTX_get0_certificate(context->native_handle());
  if (Result<void> timely = check_time(certificate, files.certificate); !timely) return fail(timely.error());
  return context;
}

}  // namespace callsheet::http
