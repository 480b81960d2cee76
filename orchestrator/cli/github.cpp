#include "orchestrator/cli/github.hpp"

#include "orchestrator/cli/environment.hpp"
#include "orchestrator/cli/error_format.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/markdown_report.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

constexpr int annotations_most = 10;  // of a kind and step; GitHub shows no more

/// As GitHub names files: by their path in the repository. A run that goes on elsewhere may not find its
/// manifest; no place is better than a wrong one.
SourceLocation in_repository(SourceLocation where) {
  std::error_code error;
  if (where.file.empty() || !fs::exists(where.file, error)) return {};
  std::string const workspace = environment("GITHUB_WORKSPACE");
  if (workspace.empty()) return where;
  fs::path const path = fs::weakly_canonical(where.file, error);
  fs::path const inside = path.lexically_relative(fs::weakly_canonical(workspace, error));
  if (!inside.empty() && *inside.begin() != "..") where.file = inside.generic_string();
  return where;
}

Error error_of(report::ClipLine const& clip) {
  std::string what = fmt::format("{} · take {}: {}", clip.task, clip.take, report::in_words(clip.status));
  if (!clip.why.empty()) what += fmt::format(": {}", clip.why);
  return {.code = Code::usage, .what = std::move(what), .mend = clip.mend, .where = clip.where};
}

}  // namespace

std::string annotation_of(Error const& error) {
  Error placed = error;
  placed.where = in_repository(error.where);
  return github_annotation(placed);
}

void annotate(Error const& error) {
  if (!environment("GITHUB_ACTIONS").empty()) say(annotation_of(error));
}

void annotate(report::ResultModel const& model) {
  int told = 0;
  for (report::ClipStatus const status :
       {report::ClipStatus::in_doubt, report::ClipStatus::mismatched, report::ClipStatus::failed})
    for (report::ClipLine const& clip : model.clips)
      if (clip.status == status && told++ < annotations_most) annotate(error_of(clip));
}

void summarize_step(report::ResultModel const& model) {
  std::string const path = environment("GITHUB_STEP_SUMMARY");
  if (path.empty()) return;
  std::ofstream file{path, std::ios::binary | std::ios::app};
  file << report::markdown_report(model) << '\n';
  if (!file.flush()) say(fmt::format("warning: the step's summary '{}' cannot be written\n", path));
}

}  // namespace callsheet::cli
