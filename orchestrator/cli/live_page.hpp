#pragma once

#include "orchestrator/cli/companion.hpp"
#include "orchestrator/cli/live_state.hpp"
#include "orchestrator/cli/progress.hpp"
#include "orchestrator/cli/run_board.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/web/live_server.hpp"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet::cli {

/// A display that is also a page: how the run stands, kept up from its news and asked of its engine, and the
/// buttons that steer it. Costs the run a look a few times a second while somebody has the page open.
class LivePage final : public Progress, public Companion, public web::LiveDesk {
 public:
  struct Settings {
    std::filesystem::path report;  ///< that the run will write
    CreditsPerUsd usd_rate{};
    std::uint16_t port = 0;  ///< 0: a free one
  };

  /// `run`: as it stands before it goes on.
  LivePage(std::unique_ptr<Progress> shown, ledger::RunSummary run, Settings settings, TimePoint now);

  void on(run::News const& news, TimePoint now) override;
  void tick(TimePoint now) override;
  void show_state(engine::Engine const& engine, TimePoint now) override { shown_->show_state(engine, now); }
  void close() override { shown_->close(); }

  /// Tells on stderr where the page is.
  [[nodiscard]] Result<void> begin(boost::asio::io_context& io, Helm& helm) override;
  [[nodiscard]] boost::asio::awaitable<void> finish() override;

  [[nodiscard]] std::string state() override;
  [[nodiscard]] Result<void> act(web::RunOrder order) override;
  [[nodiscard]] std::optional<std::filesystem::path> clip(std::string_view name) override;

 private:
  struct Wanted {
    std::string title;
    std::string prompt;
  };
  struct Finished {
    LiveState::Clip clip;
    std::filesystem::path file;
  };

  Wanted& wanted(TaskId task, run::TaskTitle const& title);
  void count(run::TaskClosed const& news, TimePoint now);
  void write_line(run::News const& news, TimePoint now);
  [[nodiscard]] LiveState::Phase phase() const;
  [[nodiscard]] std::optional<TimePoint> done_at() const;
  [[nodiscard]] std::string ending() const;
  void tell_tasks(LiveState& state) const;
  void tell_engine(LiveState& state, engine::Engine const& engine) const;

  std::unique_ptr<Progress> shown_;
  ledger::RunSummary run_;
  Settings settings_;
  ledger::TaskCounts counts_;
  RunBoard board_;
  TimePoint began_;
  TimePoint now_;      ///< the last tick or news
  int made_here_ = 0;  ///< by this process
  std::map<TaskId, Wanted> wanted_;
  std::deque<Finished> finished_;
  std::deque<LiveState::Line> lines_;
  std::uint64_t lines_told_ = 0;
  std::unique_ptr<web::LiveServer> server_;
  Helm* helm_ = nullptr;  ///< while the run is under way
  std::optional<TimePoint> ended_;
};

}  // namespace callsheet::cli
