#include "orchestrator/cli/usage_error.hpp"

#include "orchestrator/cli/command_tree.hpp"
#include "orchestrator/cli/shell_text.hpp"
#include "orchestrator/manifest/suggest.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// The command that was typed, as far as it was understood.
struct Typed {
  CommandTree tree;
  CommandFacts const* command = nullptr;  ///< null: none
  std::vector<std::string> left_over;     ///< words that nothing took

  [[nodiscard]] std::string name() const {
    return command == nullptr ? "callsheet" : "callsheet " + command->name;
  }
  [[nodiscard]] std::string help() const { return fmt::format("see `{} --help`", name()); }
  [[nodiscard]] std::vector<std::string> flags() const {
    return command == nullptr ? names_of(tree.options) : names_of(*command, tree);
  }
  /// By any of its names; null: there is none.
  [[nodiscard]] OptionFacts const* find(std::string_view option) const {
    auto const is_it = [&](OptionFacts const& facts) {
      return std::find(facts.names.begin(), facts.names.end(), option) != facts.names.end();
    };
    std::vector<std::vector<OptionFacts> const*> places{&tree.options};
    if (command != nullptr) places.insert(places.end(), {&command->options, &command->positionals});
    for (std::vector<OptionFacts> const* const place : places)
      if (auto const found = std::find_if(place->begin(), place->end(), is_it); found != place->end())
        return &*found;
    return nullptr;
  }
};

Typed read_typed(CLI::App const& app) {
  Typed typed{.tree = command_tree(app), .command = nullptr, .left_over = app.remaining(true)};
  auto const parsed = app.get_subcommands();
  if (parsed.empty()) return typed;
  for (CommandFacts const& command : typed.tree.commands)
    if (command.name == parsed.front()->get_name()) typed.command = &command;
  return typed;
}

/// "a whole number from 1 to 100": what stands for the value of an option.
std::string wanted(OptionFacts const& facts) {
  if (!facts.choices.empty()) return fmt::format("one of {}", joined(facts.choices, ", "));
  bool const whole = facts.value == "INT" || facts.value == "UINT";
  std::string const kind = whole ? "a whole number" : "a number";
  if (!facts.range.empty()) {
    std::size_t const dash = facts.range.find(" to ");
    return dash == std::string::npos ? fmt::format("{} of {}", kind, facts.range)
                                     : fmt::format("{} from {} to {}", kind, facts.range.substr(0, dash),
                                                   facts.range.substr(dash + 4));
  }
  return whole || facts.value == "FLOAT" ? kind : facts.value;
}

Error with(std::string what, std::string mend) {
  return {.code = Code::usage, .what = std::move(what), .mend = std::move(mend)};
}

std::string in_capitals(std::string name) {
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return name;
}

Error unexpected(Typed const& typed) {
  for (std::string const& word : typed.left_over) {
    if (!word.starts_with('-') || word == "-") continue;
    std::string const flag = word.substr(0, word.find('='));
    auto const near = manifest::suggest(flag, typed.flags());
    return with(fmt::format("`{}` has no flag {}", typed.name(), flag),
                near ? fmt::format("did you mean `{}`?", *near) : typed.help());
  }
  // Words are left over from the back of the line.
  return with(fmt::format("`{}` has no use for '{}'", typed.name(),
                          typed.left_over.empty() ? "" : typed.left_over.back()),
              typed.help());
}

/// "manifest is required".
Error missing(Typed const& typed, std::string_view told) {
  constexpr std::string_view end = " is required";
  if (typed.command == nullptr || !told.ends_with(end))
    return with("a command is missing", "see `callsheet --help` for all of them");
  std::string line = typed.name();
  for (OptionFacts const& one : typed.command->positionals)
    if (one.required) line += " " + in_capitals(one.names.front());
  std::string const name{told.substr(0, told.size() - end.size())};
  return with(fmt::format("`{}` needs {}", typed.name(), name.starts_with('-') ? name : in_capitals(name)),
              fmt::format("as in `{}`; {}", line, typed.help()));
}

/// "--in-flight: Value 0 not in range 1 to 100" and the like: of the texts only the names are looked at.
std::optional<Error> wrong_value(Typed const& typed, std::string_view told) {
  constexpr std::string_view converting = "Could not convert: ";
  if (told.starts_with(converting)) told.remove_prefix(converting.size());
  std::size_t const end = told.find_first_of(" :=");
  OptionFacts const* const facts = typed.find(told.substr(0, end));
  if (facts == nullptr || facts->is_flag()) return std::nullopt;
  std::string_view rest = told.substr(std::min(told.size(), told.find_first_not_of(" :=", end)));
  bool const none = rest.find("required") != std::string_view::npos && rest.ends_with("missing");
  std::string const name{facts->names.back()};
  if (none) return with(fmt::format("{} needs a value", name), fmt::format("give it {}", wanted(*facts)));
  for (std::string_view const before : {"Value ", "Check "})
    if (rest.starts_with(before)) rest.remove_prefix(before.size());
  for (std::string_view const behind : {" not in range", " value in ", " not in "})
    rest = rest.substr(0, rest.find(behind));
  std::string mend = fmt::format("give it {}", wanted(*facts));
  if (!facts->choices.empty()) mend = manifest::mend_with_choices(rest, facts->choices);
  return with(fmt::format("{}: '{}' is not {}", name, rest, wanted(*facts)), std::move(mend));
}

/// "--storm requires --local", "--watch excludes --json".
std::optional<Error> wrong_company(std::string_view told) {
  constexpr std::string_view needs = " requires ";
  constexpr std::string_view bars = " excludes ";
  if (std::size_t const at = told.find(needs); at != std::string_view::npos) {
    std::string_view const other = told.substr(at + needs.size());
    return with(fmt::format("{} is of no use without {}", told.substr(0, at), other),
                fmt::format("add {}, or leave {} out", other, told.substr(0, at)));
  }
  if (std::size_t const at = told.find(bars); at != std::string_view::npos) {
    std::string_view const other = told.substr(at + bars.size());
    return with(fmt::format("{} and {} do not go together", told.substr(0, at), other),
                "leave one of them out");
  }
  return std::nullopt;
}

}  // namespace

Error usage_error(CLI::App const& app, CLI::ParseError const& thrown) {
  Typed const typed = read_typed(app);
  std::string const told = thrown.what();
  if (dynamic_cast<CLI::ExtrasError const*>(&thrown) != nullptr) return unexpected(typed);
  if (dynamic_cast<CLI::RequiresError const*>(&thrown) != nullptr ||
      dynamic_cast<CLI::ExcludesError const*>(&thrown) != nullptr)
    if (auto error = wrong_company(told)) return *std::move(error);
  if (dynamic_cast<CLI::RequiredError const*>(&thrown) != nullptr) return missing(typed, told);
  if (auto error = wrong_value(typed, told)) return *std::move(error);
  return with(told, typed.help());
}

}  // namespace callsheet::cli
