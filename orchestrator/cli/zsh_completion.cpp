#include "orchestrator/cli/completion.hpp"
#include "orchestrator/cli/shell_text.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr std::string_view zsh_head = R"(#compdef callsheet
# zsh completion of callsheet, written by `callsheet completion zsh`

# What the ledger or the catalog knows of this kind
_callsheet_known() {
  local -a values
  local value meaning
  while IFS=$'\t' read -r value meaning; do
    values+=("${${value//\\/\\\\}//:/\\:}:$meaning")
  done < <(command callsheet completion-values $1 -- "${typed[@]}" 2>/dev/null)
  _describe -t values ${(L)1} values
}

_callsheet() {
  local curcontext=$curcontext state line
  local -A opt_args
  local -a typed=("${(@Q)words[1,CURRENT-1]}") commands=()";

constexpr std::string_view zsh_tail = R"(    esac
    ;;
  esac
}
if [[ $funcstack[1] == _callsheet ]]; then _callsheet "$@"; else compdef _callsheet callsheet; fi
)";

/// In a specification, a colon and brackets have a meaning.
std::string escaped(std::string_view text) {
  std::string out;
  for (char const c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(OptionFacts const& option) {
  if (!option.choices.empty()) return fmt::format("({})", joined(option.choices, " "));
  if (option.names_file()) return "_files";
  if (option.names_folder()) return "_files -/";
  if (option.is_known()) return " _callsheet_known " + option.value;
  return " ";
}

/// Written once with its other names, unless it is repeatable. A value may follow at once: --out=x, -j8.
std::string zsh_option(OptionFacts const& option) {
  std::string lines;
  for (std::string const& name : option.names) {
    std::string spec =
        option.repeatable ? "*" + name : fmt::format("({}){}", joined(option.names, " "), name);
    if (!option.is_flag()) spec += name.starts_with("--") ? "=" : "+";
    spec += fmt::format("[{}]", escaped(option.description));
    if (!option.is_flag()) spec += fmt::format(":{}:{}", option.value, zsh_action(option));
    lines += fmt::format(" \\\n        {}", in_quotes(spec));
  }
  return lines;
}

std::string zsh_arguments(CommandFacts const& command, CommandTree const& tree) {
  std::string text = "      _arguments";
  std::vector<std::string> const own = names_of(command.options);
  for (OptionFacts const& option : command.options) text += zsh_option(option);
  for (OptionFacts const& option : tree.options)
    if (std::find(own.begin(), own.end(), option.names.back()) == own.end()) text += zsh_option(option);
  int place = 0;
  for (OptionFacts const& positional : command.positionals)
    text += fmt::format(" \\\n        {}",
                        in_quotes(fmt::format("{}:{}{}:{}", ++place, positional.required ? "" : ":",
                                              positional.names.front(), zsh_action(positional))));
  return text + "\n";
}

}  // namespace

std::string zsh_completion(CommandTree const& tree) {
  std::string text{zsh_head};
  for (CommandFacts const& command : tree.commands)
    text +=
        fmt::format("\n    {}", in_quotes(fmt::format("{}:{}", command.name, escaped(command.description))));
  text += "\n  )\n  _arguments -C";
  for (OptionFacts const& option : tree.options) text += zsh_option(option);
  text +=
      " \\\n        '(-)1:command:->command' '(-)*::argument:->argument'\n"
      "  case $state in\n    command) _describe -t commands command commands ;;\n"
      "    argument)\n    case $words[1] in\n";
  for (CommandFacts const& command : tree.commands)
    text += fmt::format("    {})\n{}      ;;\n", command.name, zsh_arguments(command, tree));
  return text + std::string{zsh_tail};
}

}  // namespace callsheet::cli
