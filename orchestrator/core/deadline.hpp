#pragma once

#include "orchestrator/core/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet {

/// Until when something may be submitted: a time, or so long after the run's start.
struct Deadline {
  std::optional<TimePoint> at;
  std::chrono::seconds after{0};  ///< where there is no `at`

  [[nodiscard]] TimePoint of_run(TimePoint start) const { return at ? *at : start + after; }
  friend bool operator==(Deadline const&, Deadline const&) = default;
};

/// How the reason begins why a task was left out that was not submitted in time.
inline constexpr std::string_view past_deadline = "past its deadline";

/// "90s", "30m", "2h", or RFC 3339 with whole seconds. Empty when it is neither.
[[nodiscard]] std::optional<Deadline> parse_deadline(std::string_view text);
/// What parse_deadline() reads.
[[nodiscard]] std::string to_string(Deadline const& deadline);

}  // namespace callsheet
