#include "orchestrator/run/alarm.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

class SteadyAlarm final : public Alarm {
 public:
  SteadyAlarm(net::any_io_executor const& executor, Clock const& clock, std::function<void()> ring)
      : state_{std::make_shared<State>(executor, clock, std::move(ring))} {}
  ~SteadyAlarm() override { state_->set({}); }

  void set(std::optional<TimePoint> when) override { state_->set(when); }

 private:
  /// Outlives the alarm for as long as a wait is under way.
  struct State : std::enable_shared_from_this<State> {
    State(net::any_io_executor const& executor, Clock const& time, std::function<void()> what)
        : clock{time}, ring{std::move(what)}, timer{executor} {}

    void set(std::optional<TimePoint> when) {
      if (when == due) return;
      due = when;
      timer.cancel();
      if (!due) return;
      timer.expires_after(std::max(*due - clock.now(), Duration{0}));
      timer.async_wait([self = shared_from_this(), expected = *due](boost::system::error_code error) {
        if (error || self->due != expected) return;
        self->due.reset();
        self->ring();
      });
    }

    Clock const& clock;
    std::function<void()> ring;
    net::steady_timer timer;
    std::optional<TimePoint> due;
  };

  std::shared_ptr<State> state_;
};

}  // namespace

MakeAlarm steady_alarms(net::any_io_executor executor, Clock const& clock) {
  return [executor = std::move(executor), &clock](std::function<void()> ring) -> std::unique_ptr<Alarm> {
    return std::make_unique<SteadyAlarm>(executor, clock, std::move(ring));
  };
}

}  // namespace callsheet::run
