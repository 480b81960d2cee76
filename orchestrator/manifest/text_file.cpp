#include "orchestrator/manifest/text_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

constexpr std::size_t shown_line_bytes_max = 200;

/// Length of the UTF-8 sequence that starts with `lead`; 0 when nothing may start so.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

/// Whether the sequence at `at` is well formed, without overlong forms, surrogates or values beyond U+10FFFF.
bool is_sequence(std::string_view text, std::size_t at, std::size_t length) {
  if (length == 0 || at + length > text.size()) return false;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(static_cast<unsigned char>(text[at + i]))) return false;
  if (length < 3) return true;
  auto const lead = static_cast<unsigned char>(text[at]);
  auto const second = static_cast<unsigned char>(text[at + 1]);
  return !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F) &&
         !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
}

}  // namespace

Result<std::string> read_text_file(std::filesystem::path const& path, std::filesystem::path const& shown,
                                   std::size_t bytes_max) {
  std::error_code failure;
  auto const status = std::filesystem::status(path, failure);
  if (status.type() == std::filesystem::file_type::not_found)
    return fail(Code::not_found, fmt::format("there is no file {}", shown.string()),
                "check the spelling of the path");
  if (std::filesystem::is_directory(status))
    return fail(Code::file_system, fmt::format("{} is a folder, not a file", shown.string()));
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return fail(Code::file_system,
                fmt::format("cannot read {}: {}", shown.string(), std::generic_category().message(errno)));
  std::string text;
  // In pieces: the size a special file reports is not to be trusted.
  std::array<char, 64 * 1024> piece;
  while (text.size() <= bytes_max && in.read(piece.data(), piece.size()).gcount() > 0)
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return fail(Code::file_system, fmt::format("cannot read {}", shown.string()));
  if (text.size() > bytes_max)
    return fail(Code::too_large, fmt::format("{} is larger than {} MiB", shown.string(), bytes_max >> 20));
  text.shrink_to_fit();
  return text;
}

std::optional<BadText> find_bad_text(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return BadText{1, 1, "the file is UTF-16 text", "save it as UTF-8"};
  if (text.find('\0') != std::string_view::npos)
    return BadText{0, 0, "the file is not a text: it holds NUL bytes",
                   "give a text file, not a picture or archive"};
  int line = 1;
  std::size_t line_start = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto const byte = static_cast<unsigned char>(text[at]);
    auto const column = static_cast<int>(at - line_start) + 1;
    std::size_t const length = sequence_length(byte);
    if (!is_sequence(text, at, length))
      return BadText{line, column, fmt::format("byte 0x{:02x} is not UTF-8 text", byte),
                     "save the file as UTF-8"};
    at += length;
    if (byte == '\n') {
      ++line;
      line_start = at;
    }
  }
  return std::nullopt;
}

std::vector<std::size_t> line_starts_of(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts.push_back(at + 1);
  return starts;
}

std::string_view line_of(std::string_view text, std::vector<std::size_t> const& starts, int number) {
  if (number < 1 || static_cast<std::size_t>(number) > starts.size()) return {};
  std::size_t const begin = starts[static_cast<std::size_t>(number - 1)];
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > shown_line_bytes_max) {
    line = line.substr(0, shown_line_bytes_max);
    while (!line.empty() && is_continuation(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
    if (!line.empty()) line.remove_suffix(1);
  }
  return line;
}

}  // namespace callsheet::manifest
