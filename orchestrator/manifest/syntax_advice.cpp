#include "orchestrator/manifest/syntax_advice.hpp"

#include "orchestrator/manifest/text_file.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

/// Column (from 1) of the first tab in a line's indentation; 0 when there is none.
int tab_in_indentation(std::string_view line) {
  std::size_t const text = std::min(line.find_first_not_of(" \t"), line.size());
  std::size_t const tab = line.substr(0, text).find('\t');
  return tab == std::string_view::npos || text == line.size() ? 0 : static_cast<int>(tab) + 1;
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

/// `prompt: Sale: 20 %`: the second ": " of a plain value; column of the value, or 0.
int value_with_colon(std::string_view line) {
  std::size_t const key_end = line.find(": ");
  if (key_end == std::string_view::npos) return 0;
  std::size_t const value = line.find_first_not_of(' ', key_end + 2);
  if (value == std::string_view::npos ||
      std::string_view{"\"'[{|>&*"}.find(line[value]) != std::string_view::npos)
    return 0;
  return line.find(": ", value) == std::string_view::npos && !line.ends_with(':')
             ? 0
             : static_cast<int>(value) + 1;
}

/// The last line before `line` that is neither blank nor a comment; empty when there is none.
std::string_view line_before(SyntaxError const& error) {
  for (int number = error.line - 1; number > 0; --number) {
    std::string_view const line = line_of(error.text, error.line_starts, number);
    std::size_t const at = line.find_first_not_of(" \t");
    if (at != std::string_view::npos && line[at] != '#') return line;
  }
  return {};
}

Advice on_map_value(SyntaxError const& error, std::string_view line) {
  if (int const column = value_with_colon(line); column > 0)
    return {"a text with a colon in it must stand in quotes", R"(write it as "...")", error.line, column};
  return {"a `key: value` is not expected here", "check the indentation of this line and the one above",
          error.line, error.column};
}

Advice on_indentation(SyntaxError const& error, std::string_view line) {
  std::string const against = std::string{line_before(error)};
  return {
      "this line is indented differently from its neighbours",
      fmt::format(
          "entries of one list or group start in the same column; the line above starts in column {}, this "
          "one in column {}",
          indentation(against) + 1, indentation(line) + 1),
      error.line, static_cast<int>(indentation(line)) + 1};
}

}  // namespace

Advice advice_on_syntax(SyntaxError const& error, std::string_view message) {
  std::string_view const line = line_of(error.text, error.line_starts, error.line);
  if (int const tab = tab_in_indentation(line); tab > 0)
    return {"a tab indents this line; YAML allows spaces only", "replace the tab by two spaces", error.line,
            tab};
  std::size_t const at = std::min(static_cast<std::size_t>(std::max(error.column - 1, 0)), line.size());
  if (message == "illegal map value") return on_map_value(error, line);
  if (message == "end of map not found" || message == "end of sequence not found")
    return on_indentation(error, line);
  if (message == "end of sequence flow not found" || message == "end of map flow not found")
    return {message.starts_with("end of seq") ? "a list that began with `[` is not closed with `]`"
                                              : "a group that began with `{` is not closed with `}`",
            "close it before this line, and put texts with commas or brackets in quotes", error.line,
            error.column};
  if (message == "unknown token" && at < line.size())
    return {fmt::format("a text may not begin with `{}` unless it stands in quotes", line[at]),
            R"(write it as "...")", error.line, error.column};
  if (message == "the referenced anchor is not defined")
    return {"a text that begins with `*` is an alias in YAML, and no anchor has this name",
            "put the text in quotes, or define the anchor with `&` before it", error.line, error.column};
  if (message.starts_with("unknown escape character"))
    return {fmt::format("{} in a double-quoted text", message),
            R"(write \\ for a backslash, or use single quotes)", error.line, error.column};
  return {fmt::format("this is not valid YAML: {}", message), "", error.line, error.column};
}

}  // namespace callsheet::manifest
