#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace callsheet::cli {

/// What the program takes on its command line, read from what parses it: completions and the man page are
/// made from this, so that they cannot tell of anything else.
struct OptionFacts {
  std::vector<std::string> names;  ///< "-j", "--in-flight"; of a positional its one name, without dashes
  std::string description;
  std::string value;                 ///< what is asked for: "INT", "FOLDER", "RUN"; empty: a flag
  std::string range;                 ///< "1 to 100"; empty: any
  std::vector<std::string> choices;  ///< the only values; empty: any
  std::string otherwise;             ///< its value where none is given; empty: none, or told in words
  std::string variable;              ///< of the environment, for when it is not given; empty: none
  bool required = false;
  bool repeatable = false;

  [[nodiscard]] bool is_flag() const { return value.empty(); }
  /// A text that the parser calls nothing more is taken for one that may name a file.
  [[nodiscard]] bool names_file() const { return choices.empty() && (value == "FILE" || value == "TEXT"); }
  [[nodiscard]] bool names_folder() const { return value == "FOLDER"; }
  /// One of known_kinds: the program can be asked which there are.
  [[nodiscard]] bool is_known() const;
};

struct CommandFacts {
  std::string name;
  std::string description;
  std::vector<OptionFacts> options;
  std::vector<OptionFacts> positionals;
};

struct CommandTree {
  std::string description;
  std::vector<OptionFacts> options;  ///< of the program itself, which may stand anywhere
  std::vector<CommandFacts> commands;
};

[[nodiscard]] CommandTree command_tree(CLI::App const& app);

}  // namespace callsheet::cli
