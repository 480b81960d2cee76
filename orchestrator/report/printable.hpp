#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace callsheet::report {

/// Foreign text for a terminal: control characters become '?'.
[[nodiscard]] inline std::string printable(std::string_view text) {
  std::string safe{text};
  std::replace_if(
      safe.begin(), safe.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return safe;
}

}  // namespace callsheet::report
