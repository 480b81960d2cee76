#pragma once

#include <cstddef>

namespace callsheet::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

/// How many of `many` cases are tried where each costs twenty times as much.
constexpr std::size_t few(std::size_t many) {
  return sanitized ? (many + 9) / 10 : many;
}

}  // namespace callsheet::test
