#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/run_status.hpp"
#include "orchestrator/core/source_location.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/threshold.hpp"
#include "orchestrator/core/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// report/ turns a finished (or unfinished) run into every output format. A run may have a million clips: they
// pass by once, one after the other; what adds up over them or is shown to people stays in a ResultModel.
// Values in, text out: it knows no engine, no network and no clock.
namespace callsheet::report {

/// A clip stands as its task does.
using ClipStatus = TaskOutcome;

struct AttemptLine {
  AttemptKey key;
  ModelId model;
  Quality quality = Quality::p720;
  AttemptState state = AttemptState::submitting;
  GatewayTaskId task_id;  ///< empty until the gateway gave one
  Credits most;           ///< what was held before it was sent
  TimePoint submitted;
  std::optional<TimePoint> accepted;  ///< when its task id came
  std::optional<TimePoint> ended;
  Credits held;                       ///< still promised
  Credits billed;                     ///< settled
  Credits refund_expected;            ///< of a failed task: counts against the cap until the refund is seen
  std::optional<BilledBy> billed_by;  ///< how the bill is known; empty: there is none
  std::optional<Failure> failure;
  std::string why;     ///< why this model, where it is not simply the first by price
  std::string waited;  ///< what it waited for before it was submitted; empty: nothing
  std::string then;    ///< what was done about its failure
};

/// The file of a clip that is in place, as measured.
struct ClipFile {
  std::string path;  ///< relative to the output folder, '/' separators
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  std::chrono::milliseconds length{0};
  bool has_sound = false;
  ContentDigest sha256 = {};  ///< empty: kept by an older version
  // Its stills, where they are known to be there; relative to the output folder as well.
  std::string poster = {};
  std::string filmstrip = {};
};

/// A clip; or an element that clips show, which stands apart from them and in the same money.
struct ClipLine {
  std::string task;
  int take = 1;
  TaskIdentity identity;
  std::vector<std::pair<std::string, std::string>> labels;  ///< matrix values, e.g. {"locale", "de"}
  std::vector<std::string> tags;
  Request request;
  ClipStatus status = ClipStatus::outstanding;
  ModelId model;                      ///< the one that made it, or was tried last; empty when none was
  Quality quality = Quality::p720;    ///< as bought; below request.quality where the ladder was walked
  Credits price;                      ///< expected price of the candidate chosen at planning
  std::vector<AttemptLine> attempts;  ///< of this run; a reused clip has none: its money is in `made_by`
  std::optional<ClipFile> file;
  std::string element = {};  ///< of an element: its id at the gateway, once it is made
  RunId made_by;             ///< for reused clips: the run that bought it
  RunId waiting_for = {};    ///< for waiting clips: the run that has it
  std::string why;           ///< for everything but made: the reason; of a mismatch each difference, by "; "
  std::string mend;          ///< what the reader can do about it; may be empty
  std::optional<std::chrono::milliseconds> took;  ///< first submission to file in place
  SourceLocation where;                           ///< the task in its manifest
  ModelId first_choice = {};                      ///< of planning, whatever was tried in the end
  std::optional<TimePoint> ended = {};
};

/// Money of one or more attempts.
struct Spend {
  Credits billed, held, refund_expected;
  /// What counts against the cap: billed + held + refund_expected.
  [[nodiscard]] Credits committed() const { return billed + held + refund_expected; }
};

/// Elements that were to be there for the clips.
struct ElementTotals {
  int elements = 0, made = 0, reused = 0, failed = 0, in_doubt = 0, waiting = 0, skipped = 0, outstanding = 0;
};

struct Totals {
  int clips = 0, made = 0, mismatched = 0, reused = 0, failed = 0, in_doubt = 0, waiting = 0, skipped = 0,
      outstanding = 0;
  int withdrawn = 0;  ///< of the skipped ones: no longer wanted
  ElementTotals elements = {};
  int attempts = 0;  ///< at clips and elements
  int taken = 0;     ///< of those at clips: by the gateway, or perhaps
  Credits billed, held, refund_expected;
  /// What counts against the cap: billed + held + refund_expected.
  [[nodiscard]] Credits committed() const { return billed + held + refund_expected; }
};

/// What one model did in the run.
struct ModelTotals {
  ModelId model;
  int clips = 0;  ///< made by it in this run, as ordered or not
  int attempts = 0;
  Spend spend;
};

/// Clips, or elements, that stand as they do for the same reason.
struct Problem {
  ClipStatus status = ClipStatus::failed;
  std::string why;
  std::string mend;
  int clips = 0;                   ///< or elements
  std::vector<std::string> names;  ///< of the first few
  Spend spend;
  bool elements = false;  ///< it is of elements
};

/// A threshold of the manifest, as the run came out.
struct ThresholdLine {
  std::string text;   ///< as written
  std::string value;  ///< where the metric stands; empty: nothing to tell yet
  bool kept = true;
};

/// A run without its clips.
struct RunHead {
  RunId run;
  std::string campaign;
  std::string gateway;  ///< "evolink", or "local" for the embedded gateway: no real money
  std::string catalog_name;
  std::string program_version;
  std::string command = "callsheet";  ///< how the program is called that finds the run's ledger
  RunStatus status = RunStatus::running;
  bool retake = false;    ///< of clips that a review has rejected
  bool replaced = false;  ///< a later run of the whole campaign was begun in its place
  TimePoint started;
  std::optional<TimePoint> ended;
  Credits cap;
  CreditsPerUsd usd_rate{68};
  std::vector<std::string> label_names;  ///< that its clips may have
  std::vector<Threshold> thresholds;
  std::vector<std::string> notes;  ///< what else has to be told: a model that was set aside, say
};

/// A run as it is shown: sums over all of its clips, and as many of them as a person will look at.
struct ResultModel {
  RunHead head;
  Totals totals;
  std::vector<ModelTotals> models;  ///< most billed first, then by name
  std::vector<Problem>
      problems;  ///< in doubt first, then mismatched, failed, skipped, waiting and outstanding
  std::vector<ThresholdLine> thresholds;
  std::vector<ClipLine> clips;  ///< in the plan's order; of a large run the first of each status
  std::vector<ClipLine> elements = {};
};

[[nodiscard]] inline bool is_element(ClipLine const& line) {
  return !makes_clips(line.request.mode);
}

/// Sum of one clip's attempts.
[[nodiscard]] Spend spend_of(ClipLine const& clip);

/// No credits of an account are spent: the embedded gateway made the clips.
[[nodiscard]] bool is_rehearsal(RunHead const& head);
/// Whether every threshold was kept.
[[nodiscard]] bool keeps_thresholds(ResultModel const& model);

// For people; core's to_string gives the words that files and machines use.
std::string_view in_words(ClipStatus status);   ///< "made", "in doubt", …
std::string_view in_words(RunStatus status);    ///< "completed", "stopped by budget", …
std::string_view in_words(AttemptState state);  ///< "finished", "in doubt", …
std::string_view in_words(FailureKind kind);    ///< "the content was refused", …

}  // namespace callsheet::report
