#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace callsheet::test {

struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// Writes a new key, and a certificate for `host` that it signs itself, good from an hour ago until `ends`
/// from now.
void write_certificate(CertificateFiles const& files, std::string const& host,
                       std::chrono::seconds ends = std::chrono::hours{1});

}  // namespace callsheet::test
