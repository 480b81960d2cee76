#pragma once

#include "orchestrator/engine/engine.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace callsheet::sim {

/// What a simulated campaign is like: drawn from the seed, so that one number replays it.
struct Weather {
  int tasks = 20;
  bool idempotent = true;
  int lost_answers_percent = 10;  ///< create requests that land and whose answer is lost
  int refused_percent = 10;       ///< create requests turned away, by kinds drawn anew each time
  int failed_percent = 10;        ///< tasks the gateway takes and fails
  int lost_reads_percent = 10;    ///< polls and downloads that fail
  int crash_percent = 0;          ///< chance per step that the process dies and resumes from its ledger
};

/// A virtual clock, a modelled gateway, a modelled ledger and the real engine. step() by step() it carries
/// out what the engine orders, with faults drawn from the seed, and checks the laws after every one. Breaches
/// are listed, not thrown, so that a test can print the seed.
class World {
 public:
  explicit World(std::uint64_t seed);

  /// Runs to the end, or until something is wrong. The trace is every action and event as text.
  void run();

  [[nodiscard]] std::vector<std::string> const& breaches() const { return breaches_; }
  [[nodiscard]] std::string const& trace() const { return trace_; }
  [[nodiscard]] Weather const& weather() const { return weather_; }

 private:
  struct Due {
    TimePoint at;
    std::uint64_t order;
    engine::Event event;
  };
  struct LedgerAttempt {
    engine::PastAttempt past;
    plan::Candidate candidate;
  };
  struct Bill {
    AttemptKey attempt;
    Credits price;
    bool failed = false;
    TimePoint done;
  };

  void draw();
  void build_engine();
  void carry_out(engine::Action const& action);
  void create(AttemptKey attempt, plan::Candidate const& candidate);
  void answer_poll(engine::Poll const& order);
  void crash();
  void check();
  void expect(bool holds, std::string const& law);
  void later(Duration wait, engine::Event event);
  bool chance(int percent) { return random_.between(1, 100) <= percent; }
  engine::PastAttempt& attempt(AttemptKey key) { return ledger_[key.task][key.ordinal].past; }

  Weather weather_;
  engine::Settings settings_;
  engine::Random random_;
  std::vector<engine::TaskSpec> specs_;
  std::optional<engine::Engine> engine_;
  TimePoint now_{};
  std::uint64_t order_ = 0;
  std::vector<Due> inbox_;

  std::map<TaskId, std::map<std::uint32_t, LedgerAttempt>> ledger_;
  std::map<TaskId, TaskOutcome> outcomes_;
  std::map<GatewayTaskId, Bill> gateway_;
  std::map<AttemptKey, GatewayTaskId> by_key_;
  std::set<TaskId> files_;
  std::vector<TimePoint> creates_;
  std::vector<std::string> breaches_;
  std::string trace_;
  int crashes_ = 0;
};

}  // namespace callsheet::sim
