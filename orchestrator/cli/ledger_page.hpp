#pragma once

#include "orchestrator/cli/live_state.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/web/live_server.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace callsheet::cli {

/// What the live page shows of a run that another process works on, or none: read from the ledger, and
/// nothing else can be done with it.
class LedgerPage final : public web::LiveDesk {
 public:
  /// `ledger` outlives it. `run`: empty: the newest, whichever that is at the time.
  LedgerPage(ledger::Ledger& ledger, std::optional<RunId> run) : ledger_{ledger}, chosen_{std::move(run)} {}

  [[nodiscard]] std::string state() override;
  [[nodiscard]] Result<void> act(web::RunOrder order) override;
  [[nodiscard]] std::optional<std::filesystem::path> clip(std::string_view name) override;

 private:
  [[nodiscard]] Result<void> look(TimePoint now);
  [[nodiscard]] Result<RunId> which();
  void show_run(ledger::RunRecord const& run);
  void show_under_way(ledger::UnderWay const& under_way);
  void show_ends(std::vector<ledger::TaskRecord> const& ends, TimePoint now);
  void show_attempts(ledger::TaskRecord const& task);
  /// Reads where the run stands among the others, now and then: there may be a thousand.
  [[nodiscard]] Result<void> look_around(ledger::RunRecord const& run, TimePoint now);
  void add_line(TimePoint at, LiveState::Tone tone, std::string text);

  ledger::Ledger& ledger_;
  std::optional<RunId> chosen_;
  LiveState state_;
  std::map<std::uint32_t, std::filesystem::path> files_;  ///< of the clips that are shown
  std::multimap<TimePoint, LiveState::Line> fresh_;       ///< found in this look, by time
  std::set<std::string> told_;  ///< lines of the latest look: what is seen again is told once
  std::set<std::string> seen_;  ///< lines of this look
  std::uint64_t lines_told_ = 0;
  std::filesystem::path reports_;  ///< the folder of the run's report; empty: not known
  std::optional<TimePoint> others_read_;
};

}  // namespace callsheet::cli
