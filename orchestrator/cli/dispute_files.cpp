#include "orchestrator/cli/dispute_files.hpp"

#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/whole_file.hpp"

#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace fs = std::filesystem;

Result<report::Dispute> mismatched_clips(report::RunReader& run, report::ResultModel const& model) {
  std::vector<report::TaskStory> wanted;
  std::set<std::string> asked;
  for (report::ClipLine const& clip : model.clips) {
    if (clip.status != report::ClipStatus::mismatched || !asked.insert(clip.task).second) continue;
    auto stories = run.stories(clip.task);
    if (!stories) return fail(stories.error());
    for (report::TaskStory& story : *stories)
      if (story.clip.status == report::ClipStatus::mismatched) wanted.push_back(std::move(story));
  }
  int const left_out = model.totals.mismatched - static_cast<int>(wanted.size());
  return report::Dispute{.head = run.head(), .clips = std::move(wanted), .left_out = left_out};
}

Result<fs::path> write_dispute(report::Dispute const& dispute, fs::path const& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot make '{}': {}", folder.string(), error.message()));
  fs::path const page = folder / "dispute.md";
  for (auto const& [path, text] :
       {std::pair{page, report::dispute_markdown(dispute)},
        std::pair{folder / "dispute.json", to_text(report::dispute_json(dispute))}}) {
    WholeFile file{path};
    file.sink()(text);
    if (auto done = file.publish(); !done) return fail(done.error());
  }
  return page;
}

}  // namespace callsheet::cli
