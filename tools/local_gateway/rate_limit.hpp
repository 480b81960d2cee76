#pragma once

#include "orchestrator/core/time.hpp"

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace callsheet::local_gateway {

/// At most so many creates in any 60 seconds, for each key.
class RateLimit {
 public:
  explicit RateLimit(int per_minute) : per_minute_{per_minute} {}
  /// Empty: admitted, and counted. Else the time until the next one would be.
  [[nodiscard]] std::optional<Duration> admit(std::string const& key, TimePoint now);

 private:
  int per_minute_;  ///< 0: no limit
  std::unordered_map<std::string, std::deque<TimePoint>> admitted_;
};

}  // namespace callsheet::local_gateway
