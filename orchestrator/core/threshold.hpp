#pragma once

#include "orchestrator/core/credits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet {

/// What a run has come to so far, counted over all its tasks.
struct Tally {
  std::int64_t tasks = 0;  ///< all of the run
  std::int64_t made = 0;   ///< reused ones are in none of these: nothing was tried
  std::int64_t mismatched = 0;
  std::int64_t failed = 0;
  std::int64_t in_doubt = 0;
  std::int64_t skipped = 0;
  std::int64_t attempts = 0;  ///< taken by the gateway, or perhaps
  Credits spent;              ///< billed + refund expected

  [[nodiscard]] std::int64_t ended() const { return made + mismatched + failed + in_doubt + skipped; }
};

/// What a threshold looks at. Ratios are of the tasks that ended.
enum class Metric {
  failed_ratio,
  mismatched_ratio,
  in_doubt_ratio,
  skipped_ratio,
  made_ratio,
  cost_per_clip,
  attempts_per_clip,
  spent
};
enum class Comparison { less, at_most, more, at_least };

/// A condition a run has to keep: "failed_ratio < 0.05".
struct Threshold {
  Metric metric = Metric::failed_ratio;
  Comparison comparison = Comparison::less;
  std::int64_t value = 0;   ///< in 1/10,000; amounts of money in 1/10,000 credit
  std::int64_t grace = 10;  ///< tasks that must have ended before it is looked at during the run
  bool stops_the_run =
      true;          ///< a breach during the run ends submission; else it is looked at in the end only
  std::string text;  ///< as written
  friend bool operator==(Threshold const&, Threshold const&) = default;
};

/// Whether the tally keeps it; while nothing has ended every ratio does. Exact.
[[nodiscard]] bool keeps(Tally const& tally, Threshold const& threshold);

/// The metric as it stands, for people: "0.0714", "38.2 credits"; empty while there is nothing to divide by.
[[nodiscard]] std::string value_text(Tally const& tally, Metric metric);

/// "failed_ratio < 0.05", "cost_per_clip <= 40 credits". Empty when it is no threshold; then `why` says so.
[[nodiscard]] std::optional<Threshold> parse_threshold(std::string_view text, std::string& why);

std::string_view to_string(Metric metric);
/// All of them, as they are written.
[[nodiscard]] std::vector<std::string> metric_names();

}  // namespace callsheet
