#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::plan {

/// What one clip may be bought for.
struct OutlinedPrice {
  ModelId model;
  Quality quality = Quality::p720;
  Credits expected;
  Credits most;
  friend bool operator==(OutlinedPrice const&, OutlinedPrice const&) = default;
};

/// What a plan says that the ledger has of a task which is to be bought: nothing, or a clip whose file is
/// gone.
inline constexpr std::string_view known_new = "new";
inline constexpr std::string_view known_file_gone = "file gone";

struct OutlinedTask {
  std::string name;
  int take = 1;
  TaskIdentity identity;
  std::string request;                ///< canonical JSON
  std::vector<OutlinedPrice> prices;  ///< in the order they are tried; at least one
  std::string output;                 ///< where the clip goes, in the output folder
  std::string deadline = {};          ///< its own, in the manifest's words; empty where it has none
  std::string known{known_new};       ///< what the ledger had: "new", "made", ...
  bool to_buy = true;                 ///< so that it costs something

  /// What the ledger had of it decides whether it costs something.
  void take_as(std::string_view known_as);
};

/// What stood at an address of a picture or video when it was looked at.
struct PinnedInput {
  std::string url;
  ContentDigest content;
};

/// A plan in the words of its file: what can be pinned, and compared with another.
struct Outline {
  std::string campaign;
  std::vector<std::string> manifests;  ///< paths
  std::string gateway;                 ///< whose clips count as made
  bool fresh = false;                  ///< nothing counts as made
  bool fitted = false;                 ///< to a budget too small for everything
  std::string terms;                   ///< in plan_codec's encoding
  std::vector<OutlinedTask> tasks;
  std::vector<PinnedInput> inputs = {};  ///< those that were looked at
};

/// A clip of one plan beside the clip of the same name and take in the other.
struct OutlineChange {
  OutlinedTask before;
  OutlinedTask after;
  std::vector<std::string> what;  ///< in the order of the request's fields: "duration 5 -> 8"
};

struct OutlineDifference {
  std::vector<OutlinedTask> added;
  std::vector<OutlinedTask> removed;
  std::vector<OutlineChange> changed;   ///< another clip: it has to be made anew
  std::vector<OutlineChange> repriced;  ///< the same clip, at another price or by another model
  std::vector<OutlineChange> renamed;   ///< the same clip under another name
  std::size_t same = 0;
  Credits cost_before, cost_after;  ///< of all clips, at the prices of their first choice
  /// For the second plan once the first was made: what neither the first nor the ledger has.
  std::size_t to_buy = 0;
  Credits new_spend;
};
[[nodiscard]] OutlineDifference compare(Outline const& before, Outline const& after);

/// What keeps `now` from being exactly what was pinned, one sentence each; empty: nothing moved.
[[nodiscard]] std::vector<std::string> moved(Outline const& pinned, Outline const& now);
/// The same of what was looked at: addresses that were pinned and have other content now.
[[nodiscard]] std::vector<std::string> moved(std::vector<PinnedInput> const& pinned,
                                             std::vector<PinnedInput> const& now);
/// Whether nothing moved but that everything pinned is made by now: there is nothing left to carry out.
[[nodiscard]] bool is_carried_out(Outline const& pinned, Outline const& now);

}  // namespace callsheet::plan
