#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace callsheet {

/// At most `count` in every window of this length, at most `burst` of them at once.
struct Rate {
  int count = 0;
  std::chrono::milliseconds window{0};
  int burst = 0;  ///< 0: a fifth of the count, at least one
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

/// What to do when a hold does not fit a cap: end the run, take a cheaper quality of the task's ladder, or
/// leave that task out and go on with those that fit.
enum class WhenShort { stop, degrade, skip };

/// A cap on all tasks of a run whose matrix axis `axis` has `value`.
struct GroupCap {
  std::string axis;
  std::string value;
  Credits cap;
  friend bool operator==(GroupCap const&, GroupCap const&) = default;
};

/// Which of Budget::groups a task counts against, by index.
struct GroupSet {
  /// The capped axes of a manifest (schemas/campaign.schema.json has four), and beside other manifests its
  /// own cap.
  static constexpr std::size_t most = 5;
  /// Caps of groups in a budget: what an index can tell apart.
  static constexpr std::size_t groups_most = UINT16_MAX;
  std::array<std::uint16_t, most> indexes{};
  std::uint8_t size = 0;

  [[nodiscard]] auto begin() const { return indexes.begin(); }
  [[nodiscard]] auto end() const { return indexes.begin() + size; }
  friend bool operator==(GroupSet const&, GroupSet const&) = default;
};

/// Caps on billed + held (design law 1). Empty means no cap of that kind.
struct Budget {
  Credits cap;
  std::optional<Credits> per_task;
  std::optional<Credits> daily;  ///< all runs of this ledger and gateway since 00:00 UTC
  std::vector<GroupCap> groups;
  WhenShort when_short = WhenShort::stop;
  friend bool operator==(Budget const&, Budget const&) = default;
};

/// What to do with content that a model's policy refused: another model would refuse it too, at a price.
enum class RefusedContent { give_up, next_model };

/// What refused a hold: a cap, or a store that has no room for anything new.
enum class CapKind { run, day, group, task, store };

}  // namespace callsheet
