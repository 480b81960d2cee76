#pragma once

#include "orchestrator/core/error.hpp"
#include "orchestrator/report/result_model.hpp"

#include <string>

namespace callsheet::cli {

// What GitHub Actions gets. What it does not ask for is given there only: elsewhere these do nothing.

/// A workflow command beside the error's line, with its file as the repository names it; one line, with its
/// end.
[[nodiscard]] std::string annotation_of(Error const& error);
/// An annotation on stderr beside the error's line of the manifest, where GITHUB_ACTIONS is set.
void annotate(Error const& error);
/// The same for what failed or is in doubt, as many as a step may show, each at its task.
void annotate(report::ResultModel const& model);
/// Appends the run as Markdown to the file that GITHUB_STEP_SUMMARY names. Nothing of the run hangs on it: a
/// file that cannot be written is told, no more.
void summarize_step(report::ResultModel const& model);

}  // namespace callsheet::cli
