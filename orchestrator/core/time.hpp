#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet {

using Duration = std::chrono::microseconds;
/// UTC, microseconds. Durable: what the ledger stores and the engine decides by.
using TimePoint = std::chrono::sys_time<Duration>;

/// The one source of time; decisions get `now` passed in and never ask.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back within one process. Any thread.
  [[nodiscard]] virtual TimePoint now() const = 0;
};

/// Wall time at construction plus steady time since: correct dates, and no jump when the system clock is set.
class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] TimePoint now() const override;

 private:
  TimePoint wall_at_start_;
  std::chrono::steady_clock::time_point steady_at_start_;
};

/// RFC 3339 in UTC, whole seconds: "2026-11-23T20:15:00Z".
std::string format_rfc3339(TimePoint time);
/// The date of HTTP headers, whole seconds: "Mon, 23 Nov 2026 20:15:00 GMT" (RFC 9110, 5.6.7).
std::string format_http_date(TimePoint time);
/// RFC 3339 with `Z` or an offset, fractions allowed. Empty when malformed.
std::optional<TimePoint> parse_rfc3339(std::string_view text);
/// For people: "850 ms", "4.2 s", "3 min 05 s", "2 h 10 min".
std::string format_duration(Duration duration);

}  // namespace callsheet
