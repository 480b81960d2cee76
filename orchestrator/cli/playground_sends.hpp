#pragma once

#include "orchestrator/cli/child_run.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace callsheet::cli {

/// One clip that the playground has asked for, and how it stands: a run of its own, by its own manifest.
struct PlaygroundSend {
  enum class Stage {
    queued,     ///< others go first
    starting,   ///< its process begins
    sending,    ///< to the gateway
    making,     ///< there
    fetching,   ///< coming home
    elsewhere,  ///< another process works on it
    ended,      ///< as `outcome` says
    refused,    ///< its process ended before there was a run: nothing was bought
  };
  int id = 0;
  std::string name;  ///< of its campaign, and so of its files
  Request request;
  std::string model;         ///< that it was asked of, or will be first
  std::string wished_model;  ///< that the form named; empty: none
  Credits price;             ///< that was shown
  Credits most;              ///< the cap of its run
  std::filesystem::path manifest;
  TimePoint sent;
  bool earlier = false;  ///< of an earlier session: its money is none of this one's
  Credits before;        ///< of an earlier session that this one went on with: what it had come to by then

  Stage stage = Stage::queued;
  std::optional<int> percent;
  RunId run;  ///< empty: none is known
  ledger::Balance balance;
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  std::string message;  ///< what its process said, where it did not end well
  std::string file;     ///< of the clip; empty: none
  std::chrono::milliseconds length{0};
  std::optional<TimePoint> ended;

  [[nodiscard]] bool is_over() const { return stage == Stage::ended || stage == Stage::refused; }
  /// A later process may still spend on it.
  [[nodiscard]] bool is_open() const;
  /// Interrupted, and can be gone on with.
  [[nodiscard]] bool can_go_on() const;
  /// What it may cost at worst beyond what it has come to by now, when it is gone on with.
  [[nodiscard]] Credits more() const;
  /// What it may come to at worst in this session, with what it has cost by now.
  [[nodiscard]] Credits bound() const;
};

/// Carries sends out, each by `callsheet run` in a process of its own: leases, caps, durable ids and recovery
/// are that command's. On the io_context's thread; may block on the disk.
class PlaygroundSends {
 public:
  struct Setup {
    std::filesystem::path folder;           ///< of its manifests
    std::filesystem::path ledger;           ///< its file
    std::vector<std::string> run_flags;     ///< of `run`
    std::vector<std::string> resume_flags;  ///< of `resume`
    std::string gateway;                    ///< as the ledger calls it
    std::size_t at_once = 1;                ///< processes
    Credits budget;                         ///< of the session
  };
  PlaygroundSends(boost::asio::io_context& io, Setup setup);

  /// Those that the ledger tells of, at most `most` of them.
  [[nodiscard]] Result<void> load_earlier(std::size_t most);
  /// `send`'s manifest is written. Fails with Code::busy where too many wait.
  [[nodiscard]] Result<void> send(PlaygroundSend send, bool anew);
  /// For no more than `more`, which the person was shown.
  [[nodiscard]] Result<void> go_on(int id, Credits more);
  /// Looks after those that other processes work on, or may have settled.
  void tick();

  /// Newest first.
  [[nodiscard]] std::deque<PlaygroundSend> const& all() const { return sends_; }
  [[nodiscard]] PlaygroundSend const* find(int id) const;
  [[nodiscard]] Credits budget() const { return setup_.budget; }
  [[nodiscard]] Credits left() const;    ///< of the session's budget
  [[nodiscard]] Credits billed() const;  ///< in this session
  [[nodiscard]] std::size_t running() const { return children_.size(); }
  /// Begins nothing more, and tells the processes to end: the first time they bring home what is paid for.
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  struct Child {
    int send = 0;
    std::unique_ptr<ChildRun> process;
  };
  struct Waiting {
    int send = 0;
    std::vector<std::string> arguments;
  };
  void begin_what_waits();
  void begin(Waiting waiting);
  void hear(int id, std::string_view line);
  void end(int id, ChildRun::End end);
  [[nodiscard]] PlaygroundSend* one(int id);
  /// How the ledger has it. Fails as the ledger does, and where it has not the run that was begun: what that
  /// has cost is not known then.
  [[nodiscard]] Result<void> read_back(PlaygroundSend& send) const;
  /// What a run keeps back on the disk goes with its lease; one that was killed has given it back to nobody.
  void free_reserve_of(std::string const& campaign) const;

  boost::asio::io_context& io_;
  Setup setup_;
  int last_id_ = 0;
  std::deque<PlaygroundSend> sends_;
  std::deque<Waiting> waiting_;
  std::vector<Child> children_;
  std::chrono::steady_clock::time_point looked_;       ///< at what others work on
  std::chrono::steady_clock::time_point looked_over_;  ///< at what has ended and is open
  bool stopped_ = false;
};

/// What the campaigns of playgrounds are called: this, and a time.
inline constexpr std::string_view playground_prefix = "playground-";

}  // namespace callsheet::cli
