#include "orchestrator/core/error.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet {

std::string to_string(SourceLocation const& where) {
  if (where.line == 0) return where.file;
  return fmt::format("{}:{}:{}", where.file, where.line, where.column);
}

namespace {

/// Tabs become one space so that the caret, which counts characters, stands under the right one.
std::string printable(std::string line) {
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

/// Number of code points in the first `bytes` bytes: the caret is placed by what the terminal shows.
int shown_width(std::string_view line, std::size_t bytes) {
  bytes = std::min(bytes, line.size());
  return static_cast<int>(
      std::count_if(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(bytes),
                    [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string render(Error const& error) {
  std::string text;
  if (!error.where.file.empty()) text += to_string(error.where) + ": ";
  text += fmt::format("error: {}\n", error.what);
  if (!error.source_line.empty() && error.where.line > 0) {
    std::size_t const before = static_cast<std::size_t>(std::max(0, error.where.column - 1));
    text += fmt::format("{:>5} | {}\n", error.where.line, printable(error.source_line));
    text += fmt::format("      | {:{}}^{:~>{}}\n", "", shown_width(error.source_line, before), "",
                        std::max(0, error.width - 1));
  }
  if (!error.mend.empty()) text += fmt::format("  mend: {}\n", error.mend);
  return text;
}

}  // namespace callsheet
