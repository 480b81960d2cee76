#include "tools/local_gateway/prompt_words.hpp"

#include <algorithm>

namespace callsheet::local_gateway {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

}  // namespace

std::uint32_t seed_of(std::string_view text) {
  std::uint32_t hash = 2166136261U;  // FNV-1a, then mixed: close texts must not look alike
  for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  hash = (hash ^ hash >> 16) * 0x7feb352dU;
  hash = (hash ^ hash >> 15) * 0x846ca68bU;
  return hash ^ hash >> 16;
}

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    auto from = text.begin();
    while (true) {
      auto const at = std::search(from, text.end(), word.begin(), word.end(),
                                  [](char a, char b) { return lower(a) == lower(b); });
      if (at == text.end()) return false;
      if (at == text.begin() || !is_letter(*(at - 1))) return true;
      from = at + 1;
    }
  });
}

}  // namespace callsheet::local_gateway
