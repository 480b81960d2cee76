#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's

namespace callsheet {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  /// Lower-case hex; nothing may be added afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// SHA-256 of the bytes, lower-case hex. Any thread.
std::string sha256_hex(std::string_view bytes);

/// SHA-256 of a file's content, read in pieces. Blocking. Fails with Code::file_system.
[[nodiscard]] Result<std::string> sha256_of_file(std::filesystem::path const& path);

/// `bytes` random bytes from the operating system as lower-case hex. Any thread.
std::string random_hex(std::size_t bytes);

}  // namespace callsheet
