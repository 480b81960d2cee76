#pragma once

#include "orchestrator/engine/engine.hpp"
#include "orchestrator/ledger/memory_ledger.hpp"
#include "orchestrator/plan/plan.hpp"
#include "orchestrator/run/driver.hpp"
#include "orchestrator/run/virtual_time.hpp"
#include "tests/sim/gateway_model.hpp"
#include "tests/sim/laws.hpp"
#include "tests/sim/rival.hpp"
#include "tests/sim/sim_files.hpp"
#include "tests/sim/sim_gateway.hpp"
#include "tests/sim/weather.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace callsheet::sim {

inline constexpr TimePoint simulated_start =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{20};

/// One simulated campaign: the real driver, engine and booking, over a modelled network, gateway, disk and
/// clock, with trouble drawn from the seed. Processes are killed and started again until the campaign has
/// ended; then the trouble stops, what is left is collected, and the accounts must agree to the unit.
class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  /// To the end, or to the first breach of a law.
  void run();

  [[nodiscard]] std::vector<std::string> const& breaches() const { return laws_.breaches(); }
  /// Everything that happened, a line each; the same for the same seed.
  [[nodiscard]] std::string const& trace() const { return trace_; }
  [[nodiscard]] Weather const& weather() const { return drawn_; }
  /// External steps taken: packets, commits, file operations.
  [[nodiscard]] int steps() const { return steps_; }
  /// How often which situation came up.
  [[nodiscard]] std::map<std::string, int> const& encounters() const { return encounters_; }

 private:
  struct ProcessDied {};
  struct Process;
  class WatchedLedger;
  class Silence;

  // world_drawing.cpp
  void draw();
  void draw_settings();
  void draw_tasks();
  [[nodiscard]] plan::PlannedTask draw_task(int i);
  void draw_deadlines();
  void draw_bad_times(std::vector<std::pair<TimePoint, TimePoint>>& list, int chance_an_hour);
  void draw_elements();
  void write_campaign();
  void begin_laws();
  void begin_watch();

  enum class Ended { finished, died, stuck };
  Ended run_process(std::optional<int> dies_after_steps);
  void settle_up();
  /// Tasks that are left over, and need not be: those that refer to an element in doubt cannot be made, and
  /// what the rival has is not this campaign's to make.
  [[nodiscard]] int outstanding_for_ever() const;
  void rival_acts(int chance);
  [[nodiscard]] bool rival_has(TaskId task) const;
  void on_task_ended(GatewayModel::Task const& task);
  void deliver_callback(std::string const& url, std::string const& id);
  void forge_callback();
  void pause_for_a_while();
  void watch_pause();
  void touch(char const* what);      ///< a point at which this process may die
  void elsewhere(char const* what);  ///< the same, of something that happens without it
  void note(std::string line);
  void met(std::string const& what);
  void count(ledger::Record const& record, ledger::Receipt const& receipt);
  [[nodiscard]] engine::Settings settings() const;
  [[nodiscard]] bool within(std::vector<std::pair<TimePoint, TimePoint>> const& times) const;

  std::uint64_t seed_;
  Dice dice_;
  Dice
      rival_dice_;  ///< of its own, so that campaigns without a rival are what they were before there was one
  Dice pause_dice_;  ///< likewise
  run::VirtualTime time_{simulated_start};
  Weather drawn_;
  Weather weather_;  ///< in force: calm in the end
  engine::Settings base_;
  plan::PlanTerms terms_;
  std::vector<plan::PlannedTask> tasks_;
  std::vector<std::shared_ptr<plan::Route const>> routes_;
  std::vector<std::size_t> route_of_;
  std::string dear_model_;
  GatewayModel model_;
  SimFiles files_;
  NetworkWatch watch_;
  std::shared_ptr<ledger::MemoryDisk> disk_ = ledger::make_memory_disk();
  std::optional<Rival> rival_;
  std::vector<std::pair<TimePoint, TimePoint>> outages_;
  std::vector<std::pair<TimePoint, TimePoint>> storms_;
  TimePoint commits_fail_until_ = TimePoint::min();
  Duration clock_off_{0};
  RunId run_{"sim"};
  Laws laws_;
  Process* process_ = nullptr;
  std::optional<int> steps_to_death_;
  bool died_ = false;
  bool paused_ = false;  ///< the engine, as it was seen last
  int steps_ = 0;
  int tokens_ = 0;
  std::map<std::string, int> encounters_;
  std::string trace_;
};

}  // namespace callsheet::sim
