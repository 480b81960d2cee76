#pragma once

#include "orchestrator/core/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::cli {

// Data goes to stdout, everything for people to stderr.

[[nodiscard]] bool stdout_is_tty();
/// A terminal that is looked at by a person: not a pipe, not CI, not TERM=dumb.
[[nodiscard]] bool stderr_is_live();
[[nodiscard]] bool stdout_is_live();
[[nodiscard]] bool stdin_is_tty();

struct TerminalSize {
  int columns = 80;
  int rows = 24;
  friend bool operator==(TerminalSize const&, TerminalSize const&) = default;
};
/// Of the terminal on stderr or stdout, as it is now; what it cannot be asked stays as above.
[[nodiscard]] TerminalSize stderr_size();
[[nodiscard]] TerminalSize stdout_size();
/// Colours on stderr: a live terminal and no NO_COLOR.
[[nodiscard]] bool colours();
/// Whether NO_COLOR leaves a live terminal its colours.
[[nodiscard]] bool colours_allowed();

/// GitHub's runner obeys `##[command]` anywhere in a line: where it reads, a word joiner breaks that. What
/// say() and show() write is so already; data on stdout is not.
[[nodiscard]] std::string for_runner(std::string_view text);

/// To stdout. What cannot be written is told by stdout_failure().
void print(std::string_view text);
/// Why not all that was printed has arrived, in the system's words; empty: it has, or the reader went away,
/// which is the reader's right.
[[nodiscard]] std::string stdout_failure();
/// Whether something that was printed did not arrive, for whatever reason: nothing more will.
[[nodiscard]] bool stdout_is_gone();
void say(std::string_view text);  ///< to stderr
void show(Error const& error);    ///< to stderr, as render() has it, coloured where that helps
void show(std::vector<Error> const& errors);

/// Columns that text takes on a terminal: characters of East Asia and pictures take two, accents none.
[[nodiscard]] int columns_of(std::string_view text);
/// Bytes of the longest beginning of `text` that takes no more than so many columns.
[[nodiscard]] std::size_t prefix_within(std::string_view text, int columns);

/// Foreign text for a terminal: control characters and what is no text become '?'; at most `width` columns,
/// "…" where it was cut.
[[nodiscard]] std::string plain(std::string_view text, std::size_t width = 10'000);

}  // namespace callsheet::cli
