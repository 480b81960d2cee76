#pragma once

#include "orchestrator/run/driver.hpp"

#include <string>
#include <utility>

namespace callsheet::cli {

/// How a run under way is steered, whoever does it: signals, and a person on its page. On the run's thread.
class Helm {
 public:
  /// `driver` outlives it.
  explicit Helm(run::Driver& driver) : driver_{driver} {}

  /// Nothing new is submitted, and what is paid for comes home; the second time the run is left at once.
  void stop(std::string why) {
    if (stopped_) return leave();
    stopped_ = true;
    driver_.drain(std::move(why));
  }
  /// The run ends as soon as it can; what is at the gateway is left there.
  void leave() {
    stopped_ = left_ = true;
    driver_.abandon();
  }
  void pause() { driver_.pause(); }
  void go_on() { driver_.go_on(); }

  [[nodiscard]] bool stopped() const { return stopped_; }  ///< by somebody, not by itself
  [[nodiscard]] bool left() const { return left_; }
  [[nodiscard]] engine::Engine const& engine() const { return driver_.engine(); }

 private:
  run::Driver& driver_;
  bool stopped_ = false;
  bool left_ = false;
};

}  // namespace callsheet::cli
