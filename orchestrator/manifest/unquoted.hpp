#pragma once

#include <optional>
#include <string_view>

namespace callsheet::manifest {

/// What stands between the quotes, single or double, that `text` begins and ends with; empty: there are none.
[[nodiscard]] constexpr std::optional<std::string_view> unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return std::nullopt;
  if (text.front() != '\'' && text.front() != '"') return std::nullopt;
  return text.substr(1, text.size() - 2);
}

}  // namespace callsheet::manifest
