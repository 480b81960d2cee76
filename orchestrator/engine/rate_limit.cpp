#include "orchestrator/engine/rate_limit.hpp"

#include "orchestrator/core/assert.hpp"

#include <algorithm>

namespace callsheet::engine {

namespace {

constexpr std::size_t remembered_without_rate = 64;
constexpr Duration pause_without_word = std::chrono::seconds{1};
/// Refusals of requests that left before the pace was cut say nothing new.
constexpr Duration cut_again_after = std::chrono::seconds{2};
constexpr double slowest = 1.0 / 32;
constexpr double climb_per_us = 1.0 / 60e6;  ///< from a standstill to full pace: a minute
constexpr Duration shortest_learned = std::chrono::milliseconds{10};

}  // namespace

RateLimit::RateLimit(std::optional<Rate> rate) : rate_{rate} {
  latest_.reserve(rate ? static_cast<std::size_t>(rate->count) : remembered_without_rate);
  if (!rate) return;
  CALLSHEET_ASSERT(rate->count > 0);
  window_ = rate->window;
  interval_ = (window_ + Duration{rate->count - 1}) / rate->count;
  burst_ = std::clamp(rate->burst == 0 ? rate->count / 5 : rate->burst, 1, rate->count);
}

double RateLimit::pace(TimePoint now) const {
  if (cut_at_ == TimePoint::min()) return 1;
  double const climbed = static_cast<double>((now - cut_at_).count()) * climb_per_us;
  return std::min(1.0, pace_at_cut_ + std::max(0.0, climbed));
}

TimePoint RateLimit::next_at(TimePoint now) const {
  TimePoint next = paused_until_;
  if (window_ > Duration{} && latest_.size() == static_cast<std::size_t>(rate_->count)) {
    TimePoint const oldest = latest_[taken_ % latest_.size()];
    if (oldest == TimePoint::max()) return TimePoint::max();
    next = std::max(next, oldest + window_);
  }
  // Without a rate of its own the pace is kept only while it is cut.
  if (ready_ != TimePoint::min() && (window_ > Duration{} || pace(now) < 1))
    next = std::max(next, ready_ - interval_ * (burst_ - 1));
  return next;
}

RateLimit::Ticket RateLimit::take(TimePoint now) {
  std::size_t const most = rate_ ? static_cast<std::size_t>(rate_->count) : remembered_without_rate;
  Ticket const ticket = taken_++;
  if (latest_.size() < most)
    latest_.push_back(TimePoint::max());
  else
    latest_[ticket % most] = TimePoint::max();
  if (interval_ > Duration{}) {
    Duration const spaced{static_cast<std::int64_t>(static_cast<double>(interval_.count()) / pace(now))};
    ready_ = std::max(ready_, now) + spaced;
  }
  return ticket;
}

void RateLimit::went(Ticket ticket, TimePoint at) {
  if (taken_ - ticket > latest_.size()) return;  // forgotten: there were newer ones enough
  latest_[ticket % latest_.size()] = at;
}

/// What was sent lately, as the spacing of an even stream.
Duration RateLimit::learned_interval() const {
  TimePoint first = TimePoint::max();
  TimePoint last = TimePoint::min();
  int known = 0;
  for (TimePoint const at : latest_) {
    if (at == TimePoint::max()) continue;
    first = std::min(first, at);
    last = std::max(last, at);
    ++known;
  }
  if (known < 2) return pause_without_word;
  return std::max((last - first) / (known - 1), shortest_learned);
}

void RateLimit::slow_down(TimePoint now, std::optional<std::chrono::milliseconds> retry_after) {
  paused_until_ = std::max(paused_until_, now + (retry_after ? Duration{*retry_after} : pause_without_word));
  if (cut_at_ != TimePoint::min() && now < cut_at_ + cut_again_after) return;
  if (window_ == Duration{}) interval_ = learned_interval();
  pace_at_cut_ = std::max(slowest, pace(now) / 2);
  cut_at_ = now;
}

}  // namespace callsheet::engine
