#include "orchestrator/cli/shell_text.hpp"

#include <algorithm>

namespace callsheet::cli {

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (char const c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

std::string joined(std::vector<std::string> const& words, std::string_view between) {
  std::string text;
  for (std::string const& word : words) {
    if (&word != &words.front()) text += between;
    text += word;
  }
  return text;
}

std::vector<std::string> names_of(std::vector<OptionFacts> const& options) {
  std::vector<std::string> names;
  for (OptionFacts const& option : options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::vector<std::string> names_of(CommandFacts const& command, CommandTree const& tree) {
  std::vector<std::string> names = names_of(command.options);
  for (std::string const& name : names_of(tree.options))
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

}  // namespace callsheet::cli
