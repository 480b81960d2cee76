#pragma once

#include "orchestrator/cli/terminal.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace callsheet::cli {

/// A few lines at the bottom of a terminal that are kept up to date, while others scroll by above them. Gives
/// the bytes to write, all of a moment in one piece: only lines that changed are written again, and the
/// screen is never cleared, so that nothing flickers. No line is longer than the terminal, whatever becomes
/// of its size in between. Pure.
class LiveLines {
 public:
  struct Line {
    std::string text;              ///< foreign text in it is made harmless, and cut where it is too long
    char const* colour = nullptr;  ///< as in "\033[…m"; null: none
  };

  explicit LiveLines(bool colours) : colours_{colours} {}

  /// Hides the cursor.
  [[nodiscard]] static std::string begin();
  /// `above` scrolls by. Empty where nothing has changed.
  [[nodiscard]] std::string update(std::vector<Line> const& lines, std::vector<Line> const& above,
                                   TerminalSize size);
  /// Takes the lines away and shows the cursor. `above` stays.
  [[nodiscard]] std::string end(std::vector<Line> const& above, TerminalSize size);

 private:
  struct Shown {
    std::string text;  ///< with its colour
    int columns = 0;
    friend bool operator==(Shown const&, Shown const&) = default;
  };
  [[nodiscard]] std::string to_first_line(TerminalSize size) const;
  [[nodiscard]] std::string scrolled(std::vector<Line> const& above, TerminalSize size) const;
  [[nodiscard]] std::string painted(std::string text, char const* colour) const;

  bool colours_;
  std::vector<Shown> shown_;
  TerminalSize size_;
};

/// "━━━───": so much of the whole.
[[nodiscard]] std::string bar(std::int64_t part, std::int64_t whole, int width);

/// `text` in lines of at most so many columns, broken between words where that is possible; those after the
/// first are indented.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, int columns);

}  // namespace callsheet::cli
