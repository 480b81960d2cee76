#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"

#include <chrono>
#include <map>
#include <optional>

namespace callsheet {

/// At most `count` in every window of this length.
struct Rate {
  int count = 0;
  std::chrono::milliseconds window{0};
  friend bool operator==(Rate const&, Rate const&) = default;
};

struct ModelLimits {
  std::optional<Rate> rate;
  std::optional<int> in_flight;
  friend bool operator==(ModelLimits const&, ModelLimits const&) = default;
};

/// How fast and how many. Empty means no limit of that kind.
struct Limits {
  std::optional<Rate> rate;  ///< create requests
  int in_flight = 20;        ///< tasks submitted and not yet ended
  std::map<ModelId, ModelLimits> models;
  friend bool operator==(Limits const&, Limits const&) = default;
};

/// What to do when a hold does not fit the cap: end the run, take a cheaper quality of the task's ladder, or
/// leave that task out and go on with those that fit.
enum class WhenShort { stop, degrade, skip };

/// Caps on billed + held (design law 1). Empty means no cap of that kind.
struct Budget {
  Credits cap;
  std::optional<Credits> per_task;
  std::optional<Credits> daily;  ///< all runs of this ledger and gateway since 00:00 UTC
  WhenShort when_short = WhenShort::stop;
  friend bool operator==(Budget const&, Budget const&) = default;
};

}  // namespace callsheet
