#include "orchestrator/cli/command_hint.hpp"

#include <algorithm>

namespace callsheet::cli {

namespace {

bool is_harmless(char c) {
  constexpr std::string_view marks = "_-./:=@%+,";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         marks.find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_harmless)) return std::string{text};
  std::string out = "'";
  for (char const c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string command_hint(Globals const& globals, std::vector<std::string> const& words) {
  std::string text = "callsheet";
  if (!globals.ledger.empty() && ledger_path(globals) != ledger_path(Globals{}))
    text += " --ledger " + shell_word(globals.ledger.string());
  for (std::string const& word : words) text += " " + shell_word(word);
  return text;
}

std::string command_for(ledger::Ledger const& ledger) {
  // By its whole path: a report is read elsewhere, too.
  return command_hint({.ledger = ledger.file()}, {});
}

}  // namespace callsheet::cli
