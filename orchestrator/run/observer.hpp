#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace callsheet::run {

// News of a run, for whoever shows it. The run itself prints nothing.

/// What a person calls the task.
struct TaskTitle {
  std::string name;
  int take = 1;
  int takes = 1;  ///< of this task
};

struct AttemptBegan {
  AttemptKey attempt;
  TaskTitle title;
  ModelId model;
  Credits hold;
  std::string why;     ///< why this model, where it is not simply the first by price
  std::string prompt;  ///< what is asked for; of several shots, one after the other
};
struct AttemptRunning {
  AttemptKey attempt;
  TaskTitle title;
  GatewayTaskId id;
};
struct AttemptProgressed {
  AttemptKey attempt;
  TaskTitle title;
  int percent = 0;
};
/// An attempt came to nothing, or its outcome is unknown; the task goes on or ends, which other news tell.
struct AttemptTroubled {
  AttemptKey attempt;
  TaskTitle title;
  Failure failure;
  bool in_doubt = false;
};
/// A large file is on its way to the gateway.
struct UploadProgressed {
  std::string file;  ///< its path
  std::uint64_t sent_bytes = 0;
  std::uint64_t size_bytes = 0;
};
/// A large file has arrived at the gateway, or any has not. Nothing is paid for an upload: it is made again,
/// or the task ends over it, which other news tell.
struct UploadEnded {
  std::string file;  ///< its path
  std::uint64_t sent_bytes = 0;
  std::uint64_t size_bytes = 0;
  std::optional<Failure> failure;
};
struct FetchBegan {
  AttemptKey attempt;
  TaskTitle title;
};
struct TaskClosed {
  TaskId task{};
  TaskTitle title;
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  std::chrono::seconds duration{0};  ///< of the clip, as asked for
  Quality quality = Quality::p720;   ///< as bought last, else of the first choice
  bool element = false;              ///< it makes an element: no clip
  std::filesystem::path file = {};   ///< of the clip; empty: this session brought none
};
/// All tasks that were not begun end alike.
struct RestClosed {
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
};
struct MoneyMoved {
  Credits held, billed, refund_expected;  ///< of the whole run
};
/// Nothing more is submitted; `in_flight` tasks are still being brought home, and of `doubts` more it is not
/// known whether there is something to bring.
struct Draining {
  std::string why;
  int in_flight = 0;
  int doubts = 0;
};
/// Nothing new is submitted until the run goes on; `in_flight` tasks at the gateway are brought home
/// meanwhile.
struct Paused {
  int in_flight = 0;
};
struct WentOn {};
/// The gateway has stopped answering. Nothing is sent but a probe now and then; at `gives_up` the run ends
/// over it.
struct GatewayAway {
  TimePoint gives_up;
};
struct GatewayBack {
  Duration away{0};
};
/// Requests of unknown outcome hold all places in flight, for they may be running: nothing moves before
/// `until`.
struct DoubtsInTheWay {
  int doubts = 0;
  TimePoint until;
};
/// Something that whoever runs this should know: a model set aside, a ledger that cannot be written.
struct Warned {
  std::string what;
};

using News = std::variant<AttemptBegan, AttemptRunning, AttemptProgressed, AttemptTroubled, UploadProgressed,
                          UploadEnded, FetchBegan, TaskClosed, RestClosed, MoneyMoved, Draining, Paused,
                          WentOn, GatewayAway, GatewayBack, DoubtsInTheWay, Warned>;

/// Called on the run's thread; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(News const& news, TimePoint now) = 0;
};

}  // namespace callsheet::run
