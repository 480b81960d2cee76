#include "orchestrator/cli/terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace callsheet::cli {

namespace {

int stdout_error = 0;  ///< errno of the first write that failed

bool is_set(char const* variable) {
  char const* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool stdout_is_tty() {
  return ::isatty(STDOUT_FILENO) == 1;
}
bool stdin_is_tty() {
  return ::isatty(STDIN_FILENO) == 1;
}

bool stderr_is_live() {
  char const* const term = std::getenv("TERM");
  bool const dumb = term == nullptr || std::string_view{term} == "dumb";
  return ::isatty(STDERR_FILENO) == 1 && !dumb && !is_set("CI");
}

int terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool colours() {
  return stderr_is_live() && !is_set("NO_COLOR");
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

std::string plain(std::string_view text, std::size_t width) {
  std::string shown;
  std::size_t count = 0;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    bool const begins_character = (byte & 0xC0) != 0x80;
    if (begins_character && ++count > width) {
      // Make room for the ellipsis: drop the last whole character.
      while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
      if (!shown.empty()) shown.pop_back();
      return shown + "…";
    }
    shown += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return shown;
}

}  // namespace callsheet::cli
