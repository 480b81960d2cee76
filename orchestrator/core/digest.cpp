#include "orchestrator/core/digest.hpp"

#include "orchestrator/core/assert.hpp"

#include <array>
#include <cerrno>
#include <fstream>
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

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_{EVP_MD_CTX_new()} {
  // Looked up once: for short texts that costs more than the digest.
  static EVP_MD const* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CALLSHEET_ASSERT(EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1);
}

void Sha256::add(std::string_view bytes) {
  CALLSHEET_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  CALLSHEET_ASSERT(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1);
  return callsheet::hex(bytes.data(), size);
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

Result<std::string> sha256_of_file(std::filesystem::path const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return fail(Code::file_system,
                fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(errno)));
  Sha256 hash;
  std::vector<char> piece(1 << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    hash.add({piece.data(), static_cast<std::size_t>(file.gcount())});
  if (file.bad()) return fail(Code::file_system, fmt::format("reading '{}' failed", path.string()));
  return hash.hex();
}

std::string random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  CALLSHEET_ASSERT(RAND_bytes(random.data(), static_cast<int>(bytes)) == 1);
  return hex(random.data(), bytes);
}

}  // namespace callsheet
