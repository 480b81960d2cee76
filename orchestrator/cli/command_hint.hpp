#pragma once

#include "orchestrator/cli/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::cli {

/// As a POSIX shell reads it back as this one word: in quotes only where it has to be.
[[nodiscard]] std::string shell_word(std::string_view text);

/// A command that works when it is typed where this one was: with the ledger that was named, if any.
[[nodiscard]] std::string command_hint(Globals const& globals, std::vector<std::string> const& words);

/// This program, called so that it finds that very ledger: "callsheet", or "callsheet --ledger FILE".
[[nodiscard]] std::string command_for(ledger::Ledger const& ledger);

}  // namespace callsheet::cli
