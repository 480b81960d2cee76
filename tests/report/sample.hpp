#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>
#include <vector>

namespace callsheet::report {

/// A run, whole.
struct Sample {
  RunHead head;
  std::vector<ClipLine> clips;
};

/// A campaign as it looks after an eventful run, always the same: clips made, one on a fallback model,
/// reused, failed over a hostile prompt, in doubt, skipped and outstanding; files with names that are no
/// URLs.
Sample sample_campaign();

/// 2,500 characters of what a page, a spreadsheet or a terminal might take for code, with right-to-left text
/// and emoji.
std::string hostile_prompt();

}  // namespace callsheet::report
