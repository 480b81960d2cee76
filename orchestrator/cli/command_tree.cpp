#include "orchestrator/cli/command_tree.hpp"

#include "orchestrator/cli/known_values.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <CLI/App.hpp>

namespace callsheet::cli {

namespace {

std::vector<std::string> split_choices(std::string_view text) {
  std::vector<std::string> choices;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t const end = std::min(text.find(',', at), text.size());
    choices.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return choices;
}

/// CLI11 tells of the type and of each check in one text: "TEXT:{a,b}", "INT:INT in [1 - 9]".
void read_type(std::string_view type, OptionFacts& facts) {
  std::size_t const colon = type.find(':');
  facts.value = type.substr(0, colon);
  if (facts.value == "ENUM") facts.value = "TEXT";
  if (std::size_t const open = type.find('{'); open != std::string_view::npos)
    facts.choices = split_choices(type.substr(open + 1, type.find('}') - open - 1));
  if (std::size_t const open = type.find('['); open != std::string_view::npos) {
    facts.range = type.substr(open + 1, type.find(']') - open - 1);
    if (std::size_t const dash = facts.range.find(" - "); dash != std::string::npos)
      facts.range.replace(dash, 3, " to ");
  }
}

OptionFacts facts_of(CLI::Option const& option) {
  OptionFacts facts;
  for (std::string const& name : option.get_snames()) facts.names.push_back("-" + name);
  for (std::string const& name : option.get_lnames()) facts.names.push_back("--" + name);
  if (option.get_positional() && facts.names.empty()) facts.names.push_back(option.get_name(true));
  facts.description = option.get_description();
  if (option.get_items_expected_max() > 0) read_type(option.get_type_name(), facts);
  facts.otherwise = option.get_default_str();
  facts.variable = option.get_envname();
  facts.required = option.get_required();
  facts.repeatable = option.get_items_expected_max() > 1;
  return facts;
}

void read_options(CLI::App const& app, std::vector<OptionFacts>& options,
                  std::vector<OptionFacts>& positionals) {
  for (CLI::Option const* const option : app.get_options([](CLI::Option const*) { return true; })) {
    OptionFacts facts = facts_of(*option);
    (facts.names.front().starts_with('-') ? options : positionals).push_back(std::move(facts));
  }
}

}  // namespace

bool OptionFacts::is_known() const {
  return std::find(known_kinds.begin(), known_kinds.end(), value) != known_kinds.end();
}

CommandTree command_tree(CLI::App const& app) {
  CommandTree tree{.description = app.get_description(), .options = {}, .commands = {}};
  std::vector<OptionFacts> none;
  read_options(app, tree.options, none);
  for (CLI::App const* const command : app.get_subcommands([](CLI::App const*) { return true; })) {
    if (command->get_group().empty()) continue;  // for scripts, not for people
    CommandFacts facts{.name = command->get_name(),
                       .description = command->get_description(),
                       .options = {},
                       .positionals = {}};
    read_options(*command, facts.options, facts.positionals);
    tree.commands.push_back(std::move(facts));
  }
  return tree;
}

}  // namespace callsheet::cli
