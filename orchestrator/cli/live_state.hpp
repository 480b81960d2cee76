#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/task_outcome.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/ledger/task_counts.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::cli {

/// How a run stands, as the live page shows it: of bounded size, however large the run is.
struct LiveState {
  enum class Phase {
    running,
    paused,       ///< nothing new is submitted until it goes on
    draining,     ///< nothing new is submitted any more
    leaving,      ///< it ends now, with what is under way left at the gateway
    ended,        ///< nobody works on it any more
    interrupted,  ///< the same, with something left to do
  };
  struct Money {
    Credits cap, billed, held, refund_expected;
    std::string billed_usd = {};
  };
  /// A task under way.
  struct Task {
    TaskId id{};
    std::string title = {};
    std::string prompt = {};
    std::string model = {};
    std::string_view stage = {};      ///< "sending", "making", "fetching", "doubt"
    std::optional<int> percent = {};  ///< where it is known
    TimePoint since = {};
  };
  struct Model {
    std::string name;
    int in_flight = 0;
    std::optional<int> in_flight_most = {};
    std::size_t waiting = 0;
    std::string waits_for = {};  ///< the first of them; empty: its turn
    std::string rate = {};       ///< of its own, where it has one or is slowed down
    std::string trouble = {};    ///< why it is asked for nothing, where it is not
  };
  struct Clip {
    TaskId id{};
    std::string title = {};
    std::string prompt = {};
    TaskOutcome outcome = TaskOutcome::made;
    std::string why = {};
    bool has_file = false;
    std::chrono::seconds duration{0};
    std::string quality = {};
    TimePoint at = {};
  };
  enum class Tone { plain, good, bad, note };
  struct Line {
    std::uint64_t number = 0;  ///< grows by one a line
    TimePoint at = {};
    Tone tone = Tone::plain;
    std::string text = {};
  };
  /// Another run of the ledger.
  struct Past {
    std::string id;
    std::string campaign;
    std::string status;
    int made = 0, tasks = 0;
    Credits billed;
  };

  std::string run = {};
  std::string campaign = {};
  std::string gateway = {};
  bool acts = false;  ///< the page may pause and stop it
  Phase phase = Phase::running;
  std::string ending = {};  ///< where it has ended: how, and what to do next
  TimePoint started = {};
  std::optional<TimePoint> ended = {};
  Money money = {};
  ledger::TaskCounts clips = {};
  int in_flight = 0;                       ///< at the gateway
  std::optional<int> in_flight_most = {};  ///< where it is known
  std::string rate = {};                   ///< of create requests, where there is one
  int fetching = 0;                        ///< made, and on their way
  int waiting = 0;                         ///< not submitted yet
  std::optional<TimePoint> done_at = {};   ///< by the pace so far, rounded so that it does not dance
  std::vector<std::string> notices = {};   ///< why it stands still, where it does
  std::vector<Task> tasks = {};            ///< at most live_tasks_most
  std::size_t tasks_all = 0;
  std::vector<Model> models = {};
  std::vector<Clip> finished = {};  ///< the newest first
  std::vector<Line> lines = {};     ///< the newest last
  std::vector<Past> runs = {};      ///< others of this ledger, the newest first
};

inline constexpr std::size_t live_tasks_most = 100;
inline constexpr std::size_t live_clips_most = 24;
inline constexpr std::size_t live_lines_most = 200;

/// JSON without line ends, for web::LiveDesk::state(). Times are milliseconds since 1970. Foreign text is
/// cut, not escaped for HTML: the page sets it as text.
[[nodiscard]] std::string to_json(LiveState const& state);

/// A prompt, or those of the shots, as one line of bounded length.
[[nodiscard]] std::string one_line(std::string_view prompt);

}  // namespace callsheet::cli
