#pragma once

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/core/gateway_trust.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/threshold.hpp"
#include "orchestrator/core/webhooks.hpp"
#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/presets.hpp"
#include "orchestrator/manifest/template.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::manifest {

/// The keys of a task, for telling which of them an error is about.
enum class TaskKey {
  name,
  mode,
  prompt,
  negative_prompt,
  image_start,
  image_end,
  images,
  elements,
  video,
  keep_sound,
  orientation,
  duration,
  quality,
  sound,
  aspect_ratio,
  shots,
  watermark,
  takes,
  priority,
  value,
  model,
  tags,
  deadline,
};
inline constexpr std::size_t task_key_count = 23;

struct ShotTemplate {
  Template prompt;
  Template duration;
};

/// One entry of `tasks` with presets and defaults filled in. It stands for one task per combination of the
/// axes it refers to.
struct TaskTemplate {
  Place place;                                                ///< of the entry in `tasks`
  std::array<std::optional<Template>, task_key_count> texts;  ///< keys with a single value
  std::array<Place, task_key_count> places;                   ///< of each key's value; line 0: not given
  std::vector<Template> qualities;                            ///< the ladder, best first
  std::vector<Template> models;                               ///< pinned models; empty: any
  std::vector<Template> images;                               ///< pictures to refer to
  std::vector<Template> elements;                             ///< by their names in the manifest
  std::vector<Template> tags;
  std::vector<ShotTemplate> shots;
  bool automatic_shots = false;     ///< `shots: auto`
  bool duration_is_own = false;     ///< the task or a preset it uses says it, not the campaign's defaults
  std::vector<std::uint32_t> axes;  ///< the axes it refers to, ascending

  [[nodiscard]] std::optional<Template> const& text(TaskKey key) const {
    return texts[static_cast<std::size_t>(key)];
  }
  /// Where `key` is given, else the task itself: the best place for an error about it.
  [[nodiscard]] Place place_of(TaskKey key) const;
};

/// A dimension of the matrix.
struct Axis {
  std::string name;
  std::vector<std::string> columns;  ///< empty: plain values
  std::vector<AxisValue> values;     ///< those of the matrix, then those only `include` names
  std::size_t in_product = 0;        ///< how many of `values` multiply
  Place place;
};

/// "This axis (or this column of its row) has this value."
struct Condition {
  std::uint32_t axis = 0;
  std::optional<std::uint32_t> column;
  std::string value;
};
/// Holds where all its conditions hold.
using Conditions = std::vector<Condition>;

struct Matrix {
  std::vector<Axis> axes;
  std::vector<Conditions> exclude;
  std::vector<Conditions> include;  ///< an axis it does not name takes all its values
};

struct Fallback {
  struct Glob {
    std::string pattern;
    Place place;
  };
  std::vector<Glob> allow;  ///< empty: every model
  /// How dear a fallback may be in 1/10,000 of the cheapest candidate of its quality; empty: any price.
  std::optional<std::int64_t> max_price_ratio;
  RefusedContent refused_content = RefusedContent::give_up;
};

/// Caps for the tasks of each value of a matrix axis: `budget.groups`.
struct GroupRule {
  std::uint32_t axis = 0;             ///< index into Matrix::axes
  std::optional<Credits> each;        ///< for every value that has none of its own
  std::map<std::string, Credits> of;  ///< by value; of a row, by its first cell
};

/// What `--fit-budget` goes by, beside each task's priority and value.
struct FitRule {
  std::optional<std::uint32_t> cover;  ///< index into Matrix::axes: each of its values should have some clips
  int at_least = 1;                    ///< how many
  std::int64_t step_down = 7'000;      ///< what a clip is worth one quality down the ladder, in 1/10,000
};

/// An entry of `elements`: what the gateway knows by an id, or what the campaign makes there.
struct ElementEntry {
  Element element;    ///< as tasks refer to it; without an id where it is made
  Place place;        ///< of the entry
  bool made = false;  ///< by the campaign, as `request` says
  Request request;    ///< Mode::element; local pictures and videos: absolute path, no digest yet
  Place description;  ///< where it stands, as below
  Place pictures;     ///< of `references`, else of `frontal`
  std::vector<Place> each_picture = {};  ///< of request.images
  Place video;
};

/// What a manifest says of its gateway. Empty: what the gateway's profile says.
struct GatewayWords {
  std::string profile;
  Place profile_place;
  std::optional<Idempotency> idempotency;
  std::optional<Listing> listing;
};

/// A validated manifest. Nothing in it is known to be possible yet: that is what plan/ asks the catalog.
struct Campaign {
  std::shared_ptr<Document const> document;  ///< for errors that plan/ finds later
  std::string name;
  Budget budget;
  std::vector<GroupRule> groups;
  FitRule fit;
  Limits limits;
  std::map<ModelId, Place> limit_places;         ///< of the models named in `limits`
  std::map<std::string, ElementEntry> elements;  ///< by name
  std::optional<std::chrono::seconds> patience;
  std::optional<Deadline> deadline;
  std::vector<Threshold> thresholds;
  Fallback fallback;
  GatewayWords gateway;
  std::optional<Webhooks> webhooks;
  Matrix matrix;
  std::vector<TaskTemplate> tasks;
  std::vector<PresetSpan> presets;     ///< where they stand: what is wrong there has to name its task
  std::filesystem::path shown_folder;  ///< the same as it was given: what errors show
  std::filesystem::path folder;        ///< absolute folder of the manifest
  /// Absolute folders of its files, by Place::file: what paths in them are relative to.
  std::vector<std::filesystem::path> folders;
  std::filesystem::path output_dir;  ///< absolute
  std::optional<Template> output_file;

  /// What `path`, written at `place`, means: absolute.
  [[nodiscard]] std::filesystem::path resolve(std::string const& path, Place place) const {
    return (folders[static_cast<std::size_t>(place.file)] / path).lexically_normal();
  }
};

/// Reads, validates and decodes the manifest at `path`, what it includes and its data files; no task is made
/// yet. Blocking. All errors are collected, sorted by position, at most one for each place.
[[nodiscard]] Checked<Campaign> load(std::filesystem::path const& path);

/// The same for a text that stands for a file at `path` (tests, standard input, editors). Reads included and
/// data files.
[[nodiscard]] Checked<Campaign> load_text(std::filesystem::path const& path, std::string text);

/// The JSON Schema that manifests are validated with: `callsheet schema` prints it.
[[nodiscard]] std::string_view schema_text();

}  // namespace callsheet::manifest
