#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/run/alarm.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace callsheet::run {

/// Time as a simulation has it: it stands still while programs run, and jumps to whatever is due next.
class VirtualTime {
 public:
  explicit VirtualTime(TimePoint begin) : now_{begin} {}

  [[nodiscard]] TimePoint now() const { return now_; }

  /// Calls `what` at `when` (or at once in its turn, if that is over). Things due at the same time happen in
  /// the order they were asked for.
  std::uint64_t at(TimePoint when, std::function<void()> what) {
    std::uint64_t const number = next_++;
    due_.emplace(std::pair{std::max(when, now_), number}, std::move(what));
    times_.emplace(number, std::max(when, now_));
    return number;
  }
  void take_back(std::uint64_t number) {
    auto const found = times_.find(number);
    if (found == times_.end()) return;
    due_.erase({found->second, number});
    times_.erase(found);
  }

  /// Jumps to what is due next and does it; false when nothing is.
  bool step() {
    if (due_.empty()) return false;
    auto const first = due_.begin();
    now_ = first->first.first;
    std::function<void()> const what = std::move(first->second);
    times_.erase(first->first.second);
    due_.erase(first);
    what();
    return true;
  }

 private:
  TimePoint now_;
  std::uint64_t next_ = 0;
  std::map<std::pair<TimePoint, std::uint64_t>, std::function<void()>> due_;
  std::map<std::uint64_t, TimePoint> times_;
};

/// The clock of one process: virtual time, off by what somebody has set it wrong.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(VirtualTime const& time, Duration off = Duration{0}) : time_{time}, off_{off} {}
  TimePoint now() const override { return time_.now() + off_; }
  [[nodiscard]] Duration off() const { return off_; }

 private:
  VirtualTime const& time_;
  Duration off_;
};

/// Alarms of one process. What they would call is gone with it.
class VirtualAlarm final : public Alarm {
 public:
  VirtualAlarm(VirtualTime& time, Clock const& clock, std::function<void()> ring)
      : time_{time}, clock_{clock}, ring_{std::make_shared<std::function<void()>>(std::move(ring))} {}
  ~VirtualAlarm() override { VirtualAlarm::set({}); }

  void set(std::optional<TimePoint> when) override {
    if (number_) time_.take_back(*number_);
    number_.reset();
    if (!when) return;
    number_ = time_.at(time_.now() + (*when - clock_.now()), [ring = std::weak_ptr{ring_}] {
      if (auto const alive = ring.lock()) (*alive)();
    });
  }

 private:
  VirtualTime& time_;
  Clock const& clock_;
  std::shared_ptr<std::function<void()>> ring_;
  std::optional<std::uint64_t> number_;
};

}  // namespace callsheet::run
