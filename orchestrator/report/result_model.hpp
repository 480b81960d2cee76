#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/run_status.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// report/ turns a finished (or unfinished) run into every output format. All formats are written from
// ResultModel: values in, text out. It knows no engine, no network and no clock.
namespace callsheet::report {

/// A clip stands as its task does.
using ClipStatus = TaskOutcome;

struct AttemptLine {
  AttemptKey key;
  ModelId model;
  AttemptState state = AttemptState::submitting;
  GatewayTaskId task_id;  ///< empty until the gateway gave one
  TimePoint submitted;
  std::optional<TimePoint> ended;
  Credits held;             ///< still promised
  Credits billed;           ///< settled
  Credits refund_expected;  ///< of a failed task: counts against the cap until the refund is seen
  std::optional<Failure> failure;
};

/// The file of a clip that is in place, as measured.
struct ClipFile {
  std::string path;  ///< relative to the output folder, '/' separators
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};
  bool has_sound = false;
};

struct ClipLine {
  std::string task;
  int take = 1;
  TaskIdentity identity;
  std::vector<std::pair<std::string, std::string>> labels;  ///< matrix values, e.g. {"locale", "de"}
  Request request;
  ClipStatus status = ClipStatus::outstanding;
  ModelId model;                      ///< the one that made it, or was tried last; empty when none was
  Quality quality = Quality::p720;    ///< as bought; below request.quality where the ladder was walked
  Credits price;                      ///< expected price of the candidate chosen at planning
  std::vector<AttemptLine> attempts;  ///< of this run; a reused clip has none: its money is in `made_by`
  std::optional<ClipFile> file;
  RunId made_by;                                  ///< for reused clips: the run that bought it
  std::string why;                                ///< for everything but made: the reason, one sentence
  std::string mend;                               ///< what the reader can do about it; may be empty
  std::optional<std::chrono::milliseconds> took;  ///< first submission to file in place
};

/// Money of one or more attempts.
struct Spend {
  Credits billed, held, refund_expected;
  /// What counts against the cap: billed + held + refund_expected.
  [[nodiscard]] Credits committed() const { return billed + held + refund_expected; }
};

struct Totals {
  int clips = 0, made = 0, reused = 0, failed = 0, in_doubt = 0, skipped = 0, outstanding = 0;
  int attempts = 0;
  Credits billed, held, refund_expected;
  /// What counts against the cap: billed + held + refund_expected.
  [[nodiscard]] Credits committed() const { return billed + held + refund_expected; }
};

/// What one model did in the run.
struct ModelTotals {
  ModelId model;
  int clips = 0;  ///< made by it in this run
  int attempts = 0;
  Spend spend;
};

struct ResultModel {
  RunId run;
  std::string campaign;
  std::string gateway;  ///< "evolink", or "local" for the embedded gateway: no real money
  std::string catalog_name;
  std::string program_version;
  RunStatus status = RunStatus::running;
  TimePoint started;
  std::optional<TimePoint> ended;
  Credits cap;
  CreditsPerUsd usd_rate{68};
  std::vector<ClipLine> clips;  ///< in the plan's order
};

/// Sums of the lines: the only place where totals come from.
Totals totals_of(std::vector<ClipLine> const& clips);
/// Sum of one clip's attempts.
Spend spend_of(ClipLine const& clip);
/// One entry for each model that made a clip or was tried, by billed credits (most first), then by name.
std::vector<ModelTotals> models_of(std::vector<ClipLine> const& clips);

/// No credits of an account are spent: the embedded gateway made the clips.
[[nodiscard]] bool is_rehearsal(ResultModel const& model);

// For people; core's to_string gives the words that files and machines use.
std::string_view in_words(ClipStatus status);   ///< "made", "in doubt", …
std::string_view in_words(RunStatus status);    ///< "completed", "stopped by budget", …
std::string_view in_words(AttemptState state);  ///< "finished", "in doubt", …
std::string_view in_words(FailureKind kind);    ///< "the content was refused", …

}  // namespace callsheet::report
