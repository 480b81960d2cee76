#pragma once

#include "orchestrator/core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Texts that people wrote: reading them within a limit, and finding their lines.
namespace callsheet::manifest {

/// The whole file; `shown` is the path as errors show it. Blocking. Fails with Code::not_found, file_system,
/// or too_large beyond `bytes_max`.
[[nodiscard]] Result<std::string> read_text_file(std::filesystem::path const& path,
                                                 std::filesystem::path const& shown, std::size_t bytes_max);

/// What makes bytes unreadable as UTF-8 text, and where (from 1).
struct BadText {
  int line = 0;
  int column = 0;
  std::string what;
  std::string mend;
};
/// Empty when `text` is UTF-8 without NUL bytes (a byte order mark is fine).
[[nodiscard]] std::optional<BadText> find_bad_text(std::string_view text);

/// Byte offsets of the first byte of each line.
[[nodiscard]] std::vector<std::size_t> line_starts_of(std::string_view text);
/// Line `number` (from 1) without its line end, shortened when very long; empty when there is none.
[[nodiscard]] std::string_view line_of(std::string_view text, std::vector<std::size_t> const& starts,
                                       int number);

}  // namespace callsheet::manifest
