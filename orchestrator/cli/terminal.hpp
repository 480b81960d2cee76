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
[[nodiscard]] bool stdin_is_tty();
/// Columns of the terminal on stderr; 80 where it cannot be asked.
[[nodiscard]] int terminal_width();
/// Colours on stderr: a live terminal and no NO_COLOR.
[[nodiscard]] bool colours();

/// GitHub's runner obeys `##[command]` anywhere in a line: where it reads, a word joiner breaks that. What
/// say() and show() write is so already; data on stdout is not.
[[nodiscard]] std::string for_runner(std::string_view text);

/// To stdout. What cannot be written is told by stdout_failure().
void print(std::string_view text);
/// Why not all that was printed has arrived, in the system's words; empty: it has, or the reader went away,
/// which is the reader's right.
[[nodiscard]] std::string stdout_failure();
void say(std::string_view text);  ///< to stderr
void show(Error const& error);    ///< to stderr, as render() has it, coloured where that helps
void show(std::vector<Error> const& errors);

/// Foreign text for a terminal: control characters become '?', at most `width` characters, "…" where it was
/// cut.
[[nodiscard]] std::string plain(std::string_view text, std::size_t width = 10'000);

}  // namespace callsheet::cli
