#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/run/observer.hpp"

#include <memory>

namespace callsheet::engine {
class Engine;
}

namespace callsheet::cli {

/// Shows a run on stderr while it goes on.
class Progress : public run::Observer {
 public:
  /// Called every `tick_interval` by the run's thread.
  virtual void tick(TimePoint now) = 0;
  /// Somebody wants to know how the run stands (SIGUSR1): shown at once, whatever else is shown.
  virtual void show_state(engine::Engine const& engine, TimePoint now) = 0;
  /// The last word: leaves the terminal as a program that ended should.
  virtual void close() = 0;
};

inline constexpr std::chrono::milliseconds tick_interval{120};

/// What a run is measured against.
struct RunSize {
  Credits cap;
  int tasks = 0;
  int done = 0;             ///< of them, when this process begins: made, reused or given up earlier
  bool is_preview = false;  ///< nothing is paid for, and nothing would be lost
};

/// A live display on a terminal, else one line for each finished task.
[[nodiscard]] std::unique_ptr<Progress> make_progress(RunSize size, TimePoint started);

}  // namespace callsheet::cli
