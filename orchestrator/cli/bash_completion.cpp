#include "orchestrator/cli/completion.hpp"
#include "orchestrator/cli/shell_text.hpp"

#include <string_view>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

// `compgen -W` runs what is in its words, so that it is given none but the program's own. File names are left
// to readline, which quotes them.
constexpr std::string_view bash_head =
    R"(# bash completion of callsheet, written by `callsheet completion bash`

# What the ledger or the catalog knows of this kind
_callsheet_known() {
  local value quoted
  while IFS=$'\t' read -r value _; do
    printf -v quoted %q "$value"
    if [[ $value == "$cur"* || $quoted == "$cur"* ]]; then COMPREPLY+=("$quoted"); fi
  done < <(command callsheet completion-values "$1" -- "${COMP_WORDS[@]:0:COMP_CWORD}" 2>/dev/null)
}

_callsheet_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

_callsheet() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' place=0 word i
  COMPREPLY=()
  # bash takes --flag=value apart into three words
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      case "$command $word" in
        @VALUED@)
          if [[ ${COMP_WORDS[i+1]} == '=' ]]; then ((++i)); fi
          ((++i))
          ;;
      esac
    elif [[ -z $command ]]; then
      command=$word
    else
      ((++place))
    fi
  done
  case "$command $prev" in
)";

constexpr std::string_view bash_tail = R"(    esac
  fi
}
complete -F _callsheet callsheet
)";

/// How a value is completed.
std::string bash_action(OptionFacts const& option) {
  if (!option.choices.empty()) return "_callsheet_words " + in_quotes(joined(option.choices, " "));
  if (option.names_file()) return "compopt -o default";
  if (option.names_folder()) return "compopt -o dirnames";
  if (option.is_known()) return "_callsheet_known " + option.value;
  return ":";
}

/// The words `command option`, as a pattern; the program's own options stand after any command.
std::string bash_pattern(std::string_view command, OptionFacts const& option) {
  std::vector<std::string> patterns;
  for (std::string const& name : option.names)
    patterns.push_back((command.empty() ? "*" : std::string{}) +
                       in_quotes(fmt::format("{} {}", command, name)));
  return joined(patterns, " | ");
}

std::string valued_patterns(CommandTree const& tree) {
  std::vector<std::string> patterns;
  for (OptionFacts const& option : tree.options)
    if (!option.is_flag()) patterns.push_back(bash_pattern("", option));
  for (CommandFacts const& command : tree.commands)
    for (OptionFacts const& option : command.options)
      if (!option.is_flag()) patterns.push_back(bash_pattern(command.name, option));
  return joined(patterns, " | ");
}

std::string bash_values(std::string_view command, std::vector<OptionFacts> const& options) {
  std::string text;
  for (OptionFacts const& option : options)
    if (!option.is_flag())
      text += fmt::format("    {}) {}; return ;;\n", bash_pattern(command, option), bash_action(option));
  return text;
}

std::string bash_case(std::string_view pattern, std::string_view action) {
  return fmt::format("      {}) {} ;;\n", in_quotes(pattern), action);
}

}  // namespace

std::string bash_completion(CommandTree const& tree) {
  std::string text{bash_head};
  constexpr std::string_view valued = "@VALUED@";
  text.replace(text.find(valued), valued.size(), valued_patterns(tree));
  std::vector<std::string> commands;
  text += bash_values("", tree.options);
  for (CommandFacts const& command : tree.commands) {
    commands.push_back(command.name);
    text += bash_values(command.name, command.options);
  }
  text += "  esac\n  if [[ $cur == -* ]]; then\n    case $command in\n";
  text += bash_case("", "_callsheet_words " + in_quotes(joined(names_of(tree.options), " ")));
  for (CommandFacts const& command : tree.commands)
    text += bash_case(command.name, "_callsheet_words " + in_quotes(joined(names_of(command, tree), " ")));
  text += "    esac\n  else\n    case \"$command $place\" in\n";
  text += bash_case(" 0", "_callsheet_words " + in_quotes(joined(commands, " ")));
  for (CommandFacts const& command : tree.commands)
    for (std::size_t place = 0; place < command.positionals.size(); ++place)
      text += bash_case(fmt::format("{} {}", command.name, place), bash_action(command.positionals[place]));
  return text + std::string{bash_tail};
}

}  // namespace callsheet::cli
