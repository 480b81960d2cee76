#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/manifest/document.hpp"

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// review/ is what people said of a campaign's clips: verdicts, the file they are kept in, and how two such
// files become one. Pure: it knows no ledger, no network, no clock, and writes no file.
namespace callsheet::review {

enum class Ruling { accepted, rejected };
std::string_view to_string(Ruling ruling);  ///< "accepted", "rejected"
std::optional<Ruling> parse_ruling(std::string_view text);

/// A take of a task, whichever clip was made of it last.
struct Take {
  std::string task;
  int number = 1;
  friend auto operator<=>(Take const&, Take const&) = default;
};
/// "hero", "hero (take 2)"
std::string to_string(Take const& take);

/// The very clip that was looked at. Bytes alone do not tell: a gateway may give the same ones twice.
struct Seen {
  RunId run;  ///< that made it
  TaskIdentity identity;
  ContentDigest sha256;
  [[nodiscard]] bool is_clip(RunId const& made_by, ContentDigest const& bytes) const {
    return run == made_by && sha256 == bytes;
  }
  friend bool operator==(Seen const&, Seen const&) = default;
};

struct Verdict {
  Ruling ruling = Ruling::accepted;
  std::string note = {};
  std::string prompt = {};  ///< what a retake is made from; empty: what the clip was made from
  std::string by = {};
  TimePoint at = {};
  Seen clip = {};
  friend bool operator==(Verdict const&, Verdict const&) = default;
};

struct Review {
  std::string campaign;
  std::map<Take, Verdict> verdicts;

  /// What was said of that very clip; null: nothing, or of another clip of this take.
  [[nodiscard]] Verdict const* of(Take const& take, RunId const& made_by, ContentDigest const& bytes) const;
  friend bool operator==(Review const&, Review const&) = default;
};

/// JSON by schemas/review.schema.json, the same text for the same review; ends with a line end.
[[nodiscard]] std::string encode(Review const& review);
/// `file` is the name that errors show: all of them, with line and column.
[[nodiscard]] Checked<Review> decode(std::string file, std::string text);

/// A review, and where its file has what was said: for errors that only a plan comes upon.
struct LocatedReview {
  Review review;
  std::shared_ptr<manifest::Document const> document = {};  ///< null: there is no file
  std::map<Take, manifest::Place> places = {};  ///< of each verdict's prompt, or of the verdict that has none
};
/// The same, with the places.
[[nodiscard]] Checked<LocatedReview> decode_located(std::string file, std::string text);

/// What merging came to.
struct Merged {
  int added = 0;     ///< takes that had no verdict
  int replaced = 0;  ///< by a newer verdict
  int kept = 0;      ///< against an older one
  int same = 0;
  /// Takes whose verdicts said different things, each with who said what and which of them stands.
  std::vector<std::string> conflicts = {};
};
/// Of two verdicts on a take the newer one stands; of two of the same moment the greater text, whichever file
/// is merged into which. Fails with Code::usage when they are of different campaigns.
[[nodiscard]] Result<Merged> merge(Review& into, Review const& other);

}  // namespace callsheet::review
