// A manifest as anybody may write it: from text to priced tasks, or to errors that stand somewhere. Also read
// as a data file.

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/manifest/table.hpp"
#include "orchestrator/plan/build_plan.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace callsheet;

namespace {

/// Bigger ones are refused by the same code, and only slower.
constexpr manifest::ExpandLimits limits{.combinations_max = 500, .tasks_max = 500};

bool stays_inside(std::filesystem::path const& path) {
  return path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](auto const& part) { return part == ".."; });
}

ImageProbe any_picture() {
  return [](std::string const& path) -> Result<ImageFacts> {
    return ImageFacts{.format = ImageFormat::jpeg,
                      .size_bytes = 100'000,
                      .width = 1280,
                      .height = 720,
                      .digest = ContentDigest{"digest of " + path}};
  };
}

VideoProbe any_video() {
  return [](std::string const& path) -> Result<VideoFacts> {
    return VideoFacts{.size_bytes = 100'000,
                      .width = 1280,
                      .height = 720,
                      .length = std::chrono::seconds{5},
                      .longest = std::chrono::seconds{5},
                      .frames = 120,
                      .digest = ContentDigest{"digest of " + path}};
  };
}

void check_errors(std::vector<Error> const& errors) {
  FUZZ_CHECK(!errors.empty());
  for (Error const& error : errors) FUZZ_CHECK(!error.what.empty());
}

void check_plan(manifest::Campaign const& campaign) {
  static catalog::Catalog const catalog = *catalog::load();
  auto const plan = plan::build_plan(campaign, catalog, {any_picture(), any_video()});
  if (!plan) return check_errors(plan.error());
  for (auto const& task : plan->tasks) {
    FUZZ_CHECK(stays_inside(task.output));
    FUZZ_CHECK(!task.route->candidates.empty());
    for (plan::Candidate const& candidate : task.route->candidates)
      FUZZ_CHECK(candidate.expected > Credits{} && candidate.most >= candidate.expected);
  }
}

void check_table(std::string_view text) {
  using manifest::TableFormat;
  for (TableFormat const format : {TableFormat::csv, TableFormat::jsonl, TableFormat::yaml}) {
    auto const table = manifest::parse_table(format, "data", text, {.bytes_max = 1 << 16, .rows_max = 1'000});
    if (!table) {
      check_errors(table.error());
      continue;
    }
    for (auto const& row : table->rows) FUZZ_CHECK(row.cells.size() == table->columns.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text{reinterpret_cast<char const*>(data), size};
  check_table(text);
  auto const campaign = manifest::load_text("/nowhere/campaign.yaml", std::string{text});
  if (!campaign) {
    check_errors(campaign.error());
    return 0;
  }
  FUZZ_CHECK(campaign->budget.cap > Credits{});
  manifest::ErrorList errors;
  std::size_t tasks = 0;
  manifest::expand(
      *campaign,
      [&](manifest::ExpandedTask&& task) {
        ++tasks;
        FUZZ_CHECK(stays_inside(task.output) && !task.ladder.empty() && task.take >= 1);
      },
      errors, limits);
  FUZZ_CHECK(tasks <= limits.tasks_max);
  if (errors.empty()) check_plan(*campaign);
  return 0;
}
