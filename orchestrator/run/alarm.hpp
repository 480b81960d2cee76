#pragma once

#include "orchestrator/core/time.hpp"

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>

namespace callsheet::run {

/// Rings once at a time that is set, and set again as often as one likes. With the clock, the seam through
/// which a simulation replaces time. One thread.
class Alarm {
 public:
  virtual ~Alarm() = default;
  /// Empty: never. What was set before no longer rings.
  virtual void set(std::optional<TimePoint> when) = 0;
};

using MakeAlarm = std::function<std::unique_ptr<Alarm>(std::function<void()> ring)>;

/// Alarms that ring by the steady clock on `executor`. `clock` outlives them.
[[nodiscard]] MakeAlarm steady_alarms(boost::asio::any_io_executor executor, Clock const& clock);

}  // namespace callsheet::run
