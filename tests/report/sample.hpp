#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::report {

/// A campaign as it looks after an eventful run, always the same: clips made, one on a fallback model,
/// reused, failed over a hostile prompt, in doubt, skipped and outstanding; files with names that are no
/// URLs.
ResultModel sample_campaign();

/// 2,500 characters of what a page, a spreadsheet or a terminal might take for code, with right-to-left text
/// and emoji.
std::string hostile_prompt();

}  // namespace callsheet::report
