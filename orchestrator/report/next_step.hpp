#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>
#include <vector>

namespace callsheet::report {

/// One thing the reader can do now, as a command and what it does.
struct NextStep {
  std::string command;
  std::string what;
};

/// What to do after this run, most urgent first: doubts, unfinished work, failures, budget. Empty when all is
/// made.
std::vector<NextStep> next_steps(ResultModel const& model);

}  // namespace callsheet::report
