#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/limits.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace callsheet::plan {

/// One way to make a clip: what it takes of the budget, and what it is worth. The worth has no unit: only
/// ratios between clips matter.
struct FitOption {
  Credits cost;
  std::int64_t worth = 0;  ///< above 0, at most fit_worth_max
};
inline constexpr std::int64_t fit_worth_max = 1'000'000'000'000;

struct FitTask {
  int priority = 0;
  std::vector<FitOption> options;      ///< best quality first; at least one
  GroupSet groups;                     ///< of the budget's group caps
  std::optional<std::uint32_t> cover;  ///< the coverage group it counts for
  bool made = false;                   ///< is there, or paid for: costs nothing, and counts for its group
};

struct FitBudget {
  Credits cap;
  std::vector<Credits> groups;     ///< caps by GroupSet's index
  std::size_t coverage_least = 0;  ///< clips each coverage group should have before anything else is made
};

/// What was chosen among the tasks of one priority.
struct FitClass {
  int priority = 0;
  std::size_t tasks = 0;  ///< to be made, if the budget allowed
  std::size_t chosen = 0;
  std::int64_t worth = 0;  ///< of those chosen
  /// No choice can be worth more with what was left for this priority. Coverage and group caps are not looked
  /// at, so that it may lie higher than what can be had.
  std::int64_t bound = 0;
  bool proven = false;  ///< the best there is: most groups covered, then most worth
};

struct Fitted {
  /// The option of each task; empty: left out. A task that is made has its first.
  std::vector<std::optional<std::uint8_t>> options;
  Credits cost;
  std::size_t groups_short = 0;   ///< coverage groups that stay below coverage_least
  std::vector<FitClass> classes;  ///< by falling priority
};

/// Chooses what to make, and at which option, when not everything fits: of the highest priority first, so
/// that as many coverage groups as possible have their least, then so that the whole is worth most; what is
/// left goes to the next priority. Everything at its best where that fits. Small or regular campaigns are
/// solved exactly, where tasks are capped by the groups they are covered by or by one axis; others by worth
/// per credit. Never above a cap. Pure and deterministic.
[[nodiscard]] Fitted fit(std::vector<FitTask> const& tasks, FitBudget const& budget);

}  // namespace callsheet::plan
