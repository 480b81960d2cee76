#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::report {

/// The closing words of a run, for a terminal or a CI log: what was made, what it cost against the cap, what
/// went wrong and what to do next. Plain text without colour, lines end with '\n'; control characters of
/// foreign text are shown as '?', so that a gateway's message cannot drive the terminal.
std::string text_summary(ResultModel const& model);

}  // namespace callsheet::report
