#pragma once

#include "orchestrator/cli/run_board.hpp"
#include "orchestrator/engine/engine.hpp"

#include <string>
#include <vector>

namespace callsheet::cli {

/// How a run stands, in lines without line ends: what it has made and spent, what is under way, what waits
/// and for what, and when it looks again.
[[nodiscard]] std::vector<std::string> run_state(RunBoard const& board, engine::Engine const& engine,
                                                 TimePoint now);

}  // namespace callsheet::cli
