#pragma once

#include "orchestrator/cli/command_tree.hpp"

#include <string>
#include <string_view>

namespace callsheet::cli {

/// callsheet(1), in the man macros. The same program gives the same bytes. Pure.
[[nodiscard]] std::string man_page(CommandTree const& tree, std::string_view program_version);

}  // namespace callsheet::cli
