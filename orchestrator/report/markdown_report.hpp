#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::report {

/// A run for a pull request or the summary of a CI step, as GitHub-flavoured Markdown: figures, what went
/// wrong and what to do first, then models and clips. However large the run, it stays below 256 KiB (a step's
/// summary may have 1 MiB) and says what it leaves out. Begins with a marker comment, "<!-- callsheet run
/// -->", by which a bot finds its own comment again. Ends with '\n'.
std::string markdown_report(ResultModel const& model);

}  // namespace callsheet::report
