#pragma once

#include "orchestrator/core/error.hpp"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace callsheet::cli {

/// What is wrong with the command line, in callsheet's words: what, and how to mend it. `app` has just failed
/// to parse it with `thrown`.
[[nodiscard]] Error usage_error(CLI::App const& app, CLI::ParseError const& thrown);

}  // namespace callsheet::cli
