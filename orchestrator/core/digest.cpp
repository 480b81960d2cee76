#include "orchestrator/core/digest.hpp"

#include "orchestrator/core/assert.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace callsheet {

namespace {

std::string hex(unsigned char const* bytes, std::size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(count * 2, '0');
  for (std::size_t i = 0; i < count; ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return text;
}

class Sha256 {
 public:
  Sha256() : context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free} {
    CALLSHEET_ASSERT(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(char const* data, std::size_t size) {
    CALLSHEET_ASSERT(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }
  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    CALLSHEET_ASSERT(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1);
    return hex(bytes.data(), size);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.finish();
}

Result<std::string> sha256_of_file(std::filesystem::path const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return fail(Code::file_system,
                fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(errno)));
  Sha256 hash;
  std::vector<char> piece(1 << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    hash.add(piece.data(), static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail(Code::file_system, fmt::format("reading '{}' failed", path.string()));
  return hash.finish();
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  CALLSHEET_ASSERT(RAND_bytes(random.data(), static_cast<int>(bytes)) == 1);
  return hex(random.data(), bytes);
}

}  // namespace callsheet
