#include "tests/support/certificate.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace callsheet::test {

void write_certificate(CertificateFiles const& files, std::string const& host, std::chrono::seconds ends) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> const x509{X509_new(), &X509_free};
  X509_set_version(x509.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), std::min<long>(-3600, ends.count() - 1));
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), ends.count());
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
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out{std::fopen(files.certificate.c_str(), "w"),
                                                            &std::fclose};
  PEM_write_X509(out.get(), x509.get());
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const key_out{std::fopen(files.key.c_str(), "w"),
                                                                &std::fclose};
  PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace callsheet::test
