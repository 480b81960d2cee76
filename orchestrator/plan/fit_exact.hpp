#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/plan/fit.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace callsheet::plan {

/// Tasks that share their group caps and their coverage group: nothing but the cap ties them to others.
struct FitPart {
  std::vector<std::uint32_t> tasks;
  Credits cap;             ///< the least of what their groups have left
  std::size_t needed = 0;  ///< clips until its coverage group has its least; 0: nothing to cover
};

/// The best choice among the parts' tasks within `cap`: most parts covered, then most worth, then least cost;
/// the options are by task, of all of `tasks`. Empty when looking through all choices that matter would take
/// too long. Pure.
[[nodiscard]] std::optional<std::vector<std::optional<std::uint8_t>>> fit_exactly(
    std::vector<FitTask> const& tasks, std::vector<FitPart> const& parts, Credits cap);

}  // namespace callsheet::plan
