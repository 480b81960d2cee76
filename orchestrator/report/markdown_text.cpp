#include "orchestrator/report/markdown_text.hpp"

#include "orchestrator/report/foreign_text.hpp"

#include <iterator>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

/// Breaks a word for whoever looks for mentions and references, and is not seen.
constexpr std::string_view word_joiner = "\xE2\x81\xA0";

bool is_plain(char32_t point) {
  constexpr std::u32string_view harmless = U" -,;%+=()'\"?";
  return (point >= U'0' && point <= U'9') || (point >= U'a' && point <= U'z') ||
         (point >= U'A' && point <= U'Z') || point >= 0x80 ||
         harmless.find(point) != std::u32string_view::npos;
}

/// They would turn what follows around, and with it the sense of the table.
bool turns_text(char32_t point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/// A dot or colon is left as it is where no address can begin with it.
bool begins_no_address(char32_t point, char32_t before) {
  if (point == U'.') return before != U'w' && before != U'W';
  return point == U':' || (point == U'/' && before != U':' && before != U'/');
}

std::string escaped(std::string_view text, std::size_t width, std::string_view breaker) {
  std::string safe;
  std::size_t count = 0;
  char32_t before = U' ';
  each_character(text, [&](char32_t point, std::string_view bytes) {
    if (count++ == width) {
      safe += "…";
      return false;
    }
    if (point == U'\n' || point == U'\r' || point == U'\t')
      safe += ' ';
    else if (turns_text(point))
      safe += "\xEF\xBF\xBD";
    else if (is_plain(point) || begins_no_address(point, before))
      safe += bytes;
    else
      fmt::format_to(std::back_inserter(safe), "&#{};", static_cast<unsigned>(point));
    if (point == U'@' || point == U'#') safe += breaker;
    // "GH-12" is a reference, too.
    if (point == U'-' && (before == U'H' || before == U'h')) safe += breaker;
    before = point;
    return true;
  });
  return safe;
}

}  // namespace

std::string markdown_code(std::string_view text, std::size_t width) {
  return fmt::format("<code>{}</code>", escaped(text, width, ""));
}

std::string markdown_words(std::string_view text, std::size_t width) {
  return escaped(text, width, word_joiner);
}

}  // namespace callsheet::report
