#include "tools/local_gateway/rate_limit.hpp"

namespace callsheet::local_gateway {

std::optional<Duration> RateLimit::admit(std::string const& key, TimePoint now) {
  if (per_minute_ <= 0) return std::nullopt;
  static constexpr Duration window = std::chrono::minutes{1};
  std::deque<TimePoint>& times = admitted_[key];
  while (!times.empty() && times.front() + window <= now) times.pop_front();
  if (times.size() >= static_cast<std::size_t>(per_minute_)) return times.front() + window - now;
  times.push_back(now);
  return std::nullopt;
}

}  // namespace callsheet::local_gateway
