#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::manifest {

/// Where a YAML parser gave up.
struct SyntaxError {
  std::string_view text;
  std::vector<std::size_t> const& line_starts;
  int line;
  int column;
};

/// What to tell a person who does not know YAML's grammar: often the cause is earlier than where the parser
/// noticed.
struct Advice {
  std::string what;
  std::string mend;
  int line = 0;
  int column = 0;
};

/// Pure. `parser_message` is yaml-cpp's own wording, used when nothing better is known.
[[nodiscard]] Advice advice_on_syntax(SyntaxError const& error, std::string_view parser_message);

}  // namespace callsheet::manifest
