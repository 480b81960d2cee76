#pragma once

#include "orchestrator/cli/command_tree.hpp"

#include <string>

namespace callsheet::cli {

// Completion scripts: commands, flags, fixed choices, files and folders where the parser says that a value
// names one. For what ledger and catalog know, the scripts ask the `callsheet` of the PATH when Tab is
// pressed
// (`callsheet completion-values`); foreign text that it answers with reaches no shell as code. Pure.

[[nodiscard]] std::string bash_completion(CommandTree const& tree);
[[nodiscard]] std::string zsh_completion(CommandTree const& tree);
[[nodiscard]] std::string fish_completion(CommandTree const& tree);

}  // namespace callsheet::cli
