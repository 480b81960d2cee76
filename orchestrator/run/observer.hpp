#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"

#include <optional>
#include <string>
#include <variant>

namespace callsheet::run {

// News of a run, for whoever shows it. The run itself prints nothing.

struct AttemptBegan {
  AttemptKey attempt;
  ModelId model;
  Credits hold;
};
struct AttemptRunning {
  AttemptKey attempt;
  GatewayTaskId id;
};
struct AttemptProgressed {
  AttemptKey attempt;
  int percent = 0;
};
/// An attempt came to nothing, or its outcome is unknown; the task goes on or ends, which other news tell.
struct AttemptTroubled {
  AttemptKey attempt;
  Failure failure;
  bool in_doubt = false;
};
struct FetchBegan {
  AttemptKey attempt;
};
struct TaskClosed {
  TaskId task{};
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
};
struct MoneyMoved {
  Credits held, billed, refund_expected;  ///< of the whole run
};
/// No new submissions; `in_flight` tasks are still being brought home.
struct Draining {
  std::string why;
  int in_flight = 0;
};

using News = std::variant<AttemptBegan, AttemptRunning, AttemptProgressed, AttemptTroubled, FetchBegan,
                          TaskClosed, MoneyMoved, Draining>;

/// Called on the run's thread; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(News const& news, TimePoint now) = 0;
};

}  // namespace callsheet::run
