#include "orchestrator/cli/completion.hpp"
#include "orchestrator/cli/shell_text.hpp"

#include <string_view>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr std::string_view fish_functions =
    R"(# fish completion of callsheet, written by `callsheet completion fish`

# Whether the cursor stands after this command, and at this place after it if one is given
function __callsheet_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l command ''
    set -l place 0
    set -l is_value no
    for word in $words
        if test $is_value = yes
            set is_value no
        else if string match -q -- '-*' $word
            if contains -- "$command $word" $__callsheet_valued; or contains -- $word $__callsheet_valued
                set is_value yes
            end
        else if test -z "$command"
            set command $word
        else
            set place (math $place + 1)
        end
    end
    test "$command" = "$argv[1]"; or return 1
    not set -q argv[2]; or test $place -eq $argv[2]
end

# What the ledger or the catalog knows of this kind
function __callsheet_known
    command callsheet completion-values $argv[1] -- (commandline -opc) 2>/dev/null
end

)";

/// Within single quotes fish has two escapes, of the quote and of the backslash.
std::string in_fish_quotes(std::string_view text) {
  std::string out = "'";
  for (char const c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

/// What `complete` is told of a value.
std::string fish_action(OptionFacts const& option) {
  if (!option.choices.empty()) return " -x -a " + in_fish_quotes(joined(option.choices, " "));
  if (option.names_file()) return " -r -F";
  if (option.names_folder()) return " -x -a '(__fish_complete_directories)'";
  if (option.is_known()) return fmt::format(" -x -a '(__callsheet_known {})'", option.value);
  return " -x";
}

std::string fish_option(std::string_view condition, OptionFacts const& option) {
  std::string line = "complete -c callsheet";
  if (!condition.empty()) line += " -n " + in_fish_quotes(condition);
  for (std::string const& name : option.names)
    line += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                   : fmt::format(" -s {}", name.substr(1));
  if (!option.is_flag()) line += fish_action(option);
  return line + fmt::format(" -d {}\n", in_fish_quotes(option.description));
}

/// What stands at a place after a command, one of several kinds perhaps.
std::string fish_positional(CommandFacts const& command, std::size_t place) {
  OptionFacts const& positional = command.positionals[place];
  std::string const condition = in_fish_quotes(fmt::format("__callsheet_at {} {}", command.name, place));
  std::string line = fmt::format("complete -c callsheet -n {}", condition);
  if (positional.names_file()) return line + " -F\n";
  std::string const action = fish_action(positional);
  std::size_t const values = action.find("-a ");
  return values == std::string::npos ? std::string{} : line + " " + action.substr(values) + "\n";
}

/// The flags that a value follows, alone or after their command.
std::string fish_valued(CommandTree const& tree) {
  std::string text = "set -g __callsheet_valued";
  auto const add = [&](std::string const& before, std::vector<OptionFacts> const& options) {
    for (OptionFacts const& option : options)
      for (std::string const& name : option.names)
        if (!option.is_flag()) text += " " + in_fish_quotes(before + name);
  };
  add("", tree.options);
  for (CommandFacts const& command : tree.commands) add(command.name + " ", command.options);
  return text + "\n\n";
}

}  // namespace

std::string fish_completion(CommandTree const& tree) {
  std::string text = std::string{fish_functions} + fish_valued(tree) + "complete -c callsheet -f\n";
  for (OptionFacts const& option : tree.options) text += fish_option("", option);
  for (CommandFacts const& command : tree.commands) {
    text += fmt::format("complete -c callsheet -n \"__callsheet_at ''\" -a {} -d {}\n", command.name,
                        in_fish_quotes(command.description));
    for (OptionFacts const& option : command.options)
      if (option.names.back() != "--help") text += fish_option("__callsheet_at " + command.name, option);
    for (std::size_t place = 0; place < command.positionals.size(); ++place)
      text += fish_positional(command, place);
  }
  return text;
}

}  // namespace callsheet::cli
