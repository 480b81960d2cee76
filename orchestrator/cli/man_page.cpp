#include "orchestrator/cli/man_page.hpp"

#include "orchestrator/cli/reference.hpp"
#include "orchestrator/cli/shell_text.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// What stands between backticks is bold; nothing in the text is taken for a request.
std::string roff(std::string_view text) {
  std::string out;
  bool bold = false;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (char const c : text) {
    if (c == '`') {
      bold = !bold;
      out += bold ? "\\fB" : "\\fR";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else {
      out += c == '\n' ? ' ' : c;
    }
  }
  return out;
}

std::string bold(std::string_view text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string paragraph(std::string_view tag, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", tag, text);
}

std::string with_stop(std::string text) {
  return text.empty() || text.ends_with('.') ? text : text + ".";
}

std::string of_option(OptionFacts const& option) {
  std::string tag;
  for (std::string const& name : option.names) tag += (tag.empty() ? "" : ", ") + bold(name);
  if (!option.is_flag() && option.names.front().starts_with('-'))
    tag += fmt::format(" \\fI{}\\fR", option.value);
  std::string text = with_stop(roff(option.description));
  if (!option.choices.empty()) text += fmt::format("\nOne of {}.", roff(joined(option.choices, ", ")));
  if (!option.range.empty()) text += fmt::format("\nWithin {}.", roff(option.range));
  if (!option.otherwise.empty()) text += fmt::format("\nDefault: {}.", roff(option.otherwise));
  if (!option.variable.empty()) text += fmt::format("\nEnvironment: {}.", bold(option.variable));
  if (option.repeatable) text += "\nMay be repeated.";
  return paragraph(tag, text);
}

std::string of_command(CommandFacts const& command) {
  std::string text = fmt::format(".SS {}\n", command.name);
  text += fmt::format("{} [\\fIoptions\\fR]", bold("callsheet " + command.name));
  for (OptionFacts const& positional : command.positionals)
    text += positional.required ? fmt::format(" \\fI{}\\fR", positional.names.front())
                                : fmt::format(" [\\fI{}\\fR]", positional.names.front());
  text += fmt::format("\n.PP\n{}\n", with_stop(roff(command.description)));
  for (OptionFacts const& positional : command.positionals) text += of_option(positional);
  for (OptionFacts const& option : command.options)
    if (option.names.back() != "--help") text += of_option(option);
  return text;
}

std::string section(std::string_view title, std::span<reference::Entry const> entries) {
  std::string text = fmt::format(".SH {}\n", title);
  for (reference::Entry const& entry : entries)
    text += paragraph(bold(entry.name), with_stop(roff(entry.meaning)));
  return text;
}

/// Text in lines of at most 80 bytes, which the formatter joins again; requests as they are.
std::string filled(std::string_view page) {
  constexpr std::size_t width = 80;
  std::string out;
  while (!page.empty()) {
    std::string_view line = page.substr(0, page.find('\n'));
    page.remove_prefix(std::min(line.size() + 1, page.size()));
    bool const request = line.starts_with('.');
    while (!request && line.size() > width) {
      std::size_t const space = line.rfind(' ', width);
      if (space == std::string_view::npos || space == 0) break;
      out += fmt::format("{}\n", line.substr(0, space));
      line.remove_prefix(space + 1);
      if (line.starts_with('.') || line.starts_with('\'')) out += "\\&";
    }
    out += fmt::format("{}\n", line);
  }
  return out;
}

/// When what it tells was last looked through.
constexpr std::string_view page_date = "2026-11-27";

}  // namespace

std::string man_page(CommandTree const& tree, std::string_view program_version) {
  std::string text =
      fmt::format(".TH CALLSHEET 1 {} \"callsheet {}\" \"User Commands\"\n", page_date, program_version);
  text += ".SH NAME\ncallsheet \\- runs AI\\-video campaigns from manifests, never above the budget\n";
  text += ".SH SYNOPSIS\n\\fBcallsheet\\fR [\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n";
  text += fmt::format(
      ".SH DESCRIPTION\n{}\n.PP\nData goes to stdout, progress and messages to stderr. Each command has "
      "{}.\nThe keys of a manifest are in its JSON Schema, which {} prints.\n",
      with_stop(roff(tree.description)), bold("--help"), bold("callsheet schema"));
  text += ".SH OPTIONS\n";
  for (OptionFacts const& option : tree.options) text += of_option(option);
  text += ".SH COMMANDS\n";
  for (CommandFacts const& command : tree.commands) text += of_command(command);
  return filled(text + section("EXIT STATUS", reference::exit_codes) +
                section("ENVIRONMENT", reference::environment) + section("FILES", reference::files) +
                section("EXAMPLES", reference::examples));
}

}  // namespace callsheet::cli
