#include "orchestrator/cli/live_lines.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr std::string_view hide_cursor = "\033[?25l";
constexpr std::string_view show_cursor = "\033[?25h";
constexpr std::string_view erase_rest_of_line = "\033[K";
constexpr std::string_view erase_below = "\033[J";
constexpr int columns_least = 20;

/// The last column stays empty: what a terminal does after it was written to differs.
int usable(TerminalSize size) {
  return std::max(columns_least, size.columns) - 1;
}

}  // namespace

std::string LiveLines::begin() {
  return std::string{hide_cursor};
}

std::string LiveLines::update(std::vector<Line> const& lines, std::vector<Line> const& above,
                              TerminalSize size) {
  std::vector<Shown> wanted;
  // One row is the cursor's.
  std::size_t const fit = static_cast<std::size_t>(std::max(2, size.rows) - 1);
  for (Line const& line : lines) {
    if (wanted.size() == fit) break;
    std::string text = plain(line.text, static_cast<std::size_t>(usable(size)));
    int const columns = columns_of(text);
    wanted.push_back({.text = painted(std::move(text), line.colour), .columns = columns});
  }
  bool const resized = size != size_;
  if (above.empty() && wanted == shown_ && !resized) return "";
  std::string out = to_first_line(size);
  if (resized && !shown_.empty()) out += erase_below;
  out += scrolled(above, size);
  bool const moved = resized || !above.empty();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    bool const stands = !moved && i < shown_.size() && shown_[i] == wanted[i];
    if (!stands) out += wanted[i].text + std::string{erase_rest_of_line};
    out += '\n';
  }
  if (wanted.size() < shown_.size()) out += erase_below;
  shown_ = std::move(wanted);
  size_ = size;
  return out;
}

std::string LiveLines::end(std::vector<Line> const& above, TerminalSize size) {
  std::string out = to_first_line(size);
  if (!shown_.empty()) out += erase_below;
  shown_.clear();
  return out + scrolled(above, size) + std::string{show_cursor};
}

/// Terminals break lines anew that have become too long.
std::string LiveLines::to_first_line(TerminalSize size) const {
  int rows = 0;
  int const columns = std::max(1, size.columns);
  for (Shown const& one : shown_) rows += std::max(1, (one.columns + columns - 1) / columns);
  return rows == 0 ? "" : fmt::format("\033[{}F", rows);
}

std::string LiveLines::scrolled(std::vector<Line> const& above, TerminalSize size) const {
  std::string out;
  for (Line const& line : above)
    for (std::string& piece : wrapped(line.text, usable(size)))
      out += painted(std::move(piece), line.colour) + std::string{erase_rest_of_line} + "\n";
  return out;
}

std::string LiveLines::painted(std::string text, char const* colour) const {
  if (!colours_ || colour == nullptr) return text;
  return fmt::format("\033[{}m{}\033[0m", colour, text);
}

std::string bar(std::int64_t part, std::int64_t whole, int width) {
  std::int64_t const full = whole <= 0 ? 0 : std::clamp<std::int64_t>(part * width / whole, 0, width);
  std::string text;
  for (int i = 0; i < width; ++i) text += i < full ? "━" : "─";
  return text;
}

std::vector<std::string> wrapped(std::string_view text, int columns) {
  constexpr std::string_view indent = "    ";
  std::vector<std::string> lines;
  std::string left = plain(text);
  while (columns_of(left) > columns) {
    // The longest piece that fits; from there back to a blank, if one is near enough.
    std::string piece = left.substr(0, std::max<std::size_t>(1, prefix_within(left, columns)));
    std::size_t const begins = left.find_first_not_of(' ');
    std::size_t const blank = piece.rfind(' ');
    if (left[piece.size()] != ' ' && blank != std::string::npos && blank > begins && blank > piece.size() / 2)
      piece.resize(blank);
    std::size_t const next = left.find_first_not_of(' ', piece.size());
    lines.push_back(piece.substr(0, piece.find_last_not_of(' ') + 1));
    left = next == std::string::npos ? "" : std::string{indent} + left.substr(next);
  }
  if (!left.empty() || lines.empty()) lines.push_back(std::move(left));
  return lines;
}

}  // namespace callsheet::cli
