#pragma once

#include "orchestrator/cli/command_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::cli {

// What the completion scripts of all shells are written with. Pure.

/// For bash and zsh, between single quotes: a quote ends them, stands for itself, and begins them again. A
/// line break becomes a space.
[[nodiscard]] std::string in_quotes(std::string_view text);

[[nodiscard]] std::string joined(std::vector<std::string> const& words, std::string_view between);

[[nodiscard]] std::vector<std::string> names_of(std::vector<OptionFacts> const& options);
/// With those of the program itself, each once.
[[nodiscard]] std::vector<std::string> names_of(CommandFacts const& command, CommandTree const& tree);

}  // namespace callsheet::cli
