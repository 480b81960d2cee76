#include "orchestrator/cli/terminal.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

namespace callsheet::cli {

namespace {

int stdout_error = 0;  ///< errno of the first write that failed

bool is_set(char const* variable) {
  char const* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_live(int stream) {
  char const* const term = std::getenv("TERM");
  bool const dumb = term == nullptr || std::string_view{term} == "dumb";
  return ::isatty(stream) == 1 && !dumb && !is_set("CI");
}

TerminalSize size_of(int stream) {
  TerminalSize size;
  winsize told{};
  if (::ioctl(stream, TIOCGWINSZ, &told) != 0) return size;
  if (told.ws_col > 0) size.columns = told.ws_col;
  if (told.ws_row > 0) size.rows = told.ws_row;
  return size;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // in ICU's macro
/// The character at `at`, which moves behind it; negative: no text.
UChar32 next_character(std::string_view text, std::int32_t& at) {
  UChar32 character = 0;
  auto const size = static_cast<std::int32_t>(text.size());
  U8_NEXT(text.data(), at, size, character);
  return character;
}
#pragma GCC diagnostic pop

int columns_of_character(UChar32 character) {
  constexpr UChar32 as_picture = 0xFE0F;  // what stands before it may grow to two columns
  if (character == as_picture) return 1;
  switch (u_charType(character)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return 0;
    default:
      break;
  }
  int const width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

bool is_control(UChar32 character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

}  // namespace

bool stdout_is_tty() {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool stdin_is_tty() {
  return ::isatty(STDIN_FILENO) == 1;
}

bool stderr_is_live() {
  return is_live(STDERR_FILENO);
}
bool stdout_is_live() {
  return is_live(STDOUT_FILENO);
}

TerminalSize stderr_size() {
  return size_of(STDERR_FILENO);
}
TerminalSize stdout_size() {
  return size_of(STDOUT_FILENO);
}

bool colours_allowed() {
  return !is_set("NO_COLOR");
}

bool colours() {
  return stderr_is_live() && colours_allowed();
}

std::string for_runner(std::string_view text) {
  std::string safe{text};
  if (!is_set("GITHUB_ACTIONS")) return safe;
  constexpr std::string_view command = "##[";
  constexpr std::string_view broken = "##\u2060[";
  for (std::size_t at = 0; (at = safe.find(command, at)) != std::string::npos; at += broken.size())
    safe.replace(at, command.size(), broken);
  return safe;
}

void print(std::string_view text) {
  if (stdout_error != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    stdout_error = errno;
}

std::string stdout_failure() {
  return stdout_error == 0 || stdout_error == EPIPE ? "" : std::strerror(stdout_error);
}

bool stdout_is_gone() {
  return stdout_error != 0;
}

void say(std::string_view line) {
  std::string const text = for_runner(line);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void show(Error const& error) {
  std::string text = render(error);
  if (colours())
    if (std::size_t const at = text.find("error: "); at != std::string::npos)
      text = fmt::format("{}\033[1;31merror:\033[0m{}", text.substr(0, at), text.substr(at + 6));
  say(text);
}

void show(std::vector<Error> const& errors) {
  for (Error const& error : errors) show(error);
  if (errors.size() > 1) say(fmt::format("{} errors\n", errors.size()));
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());)
    columns += columns_of_character(next_character(text, at));
  return columns;
}

std::size_t prefix_within(std::string_view text, int columns) {
  std::int32_t fits = 0;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size()); fits = at) {
    columns -= columns_of_character(next_character(text, at));
    if (columns < 0) break;
  }
  return static_cast<std::size_t>(fits);
}

std::string plain(std::string_view text, std::size_t width) {
  std::string shown;
  shown.reserve(text.size());
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    std::int32_t const begin = at;
    UChar32 const character = next_character(text, at);
    if (character < 0 || is_control(character))
      shown += '?';
    else
      shown += text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
  }
  if (shown.size() <= width || columns_of(shown) <= static_cast<int>(width)) return shown;
  shown.resize(prefix_within(shown, static_cast<int>(width) - 1));
  return shown + "…";
}

}  // namespace callsheet::cli
