#pragma once

#include "orchestrator/engine/engine.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace callsheet::bench {

/// The engine against a gateway of one line: everything is accepted, made after the time that is drawn for
/// it, and fetched at once. Virtual time, one thread.
class VirtualCampaign {
 public:
  /// How long the task that is submitted as number `n` (from 0) takes to make.
  using Draw = std::function<Duration(std::size_t n)>;

  /// Every request and every download takes `latency`. Tasks are loaded as a run does it, `settings.backlog`
  /// ahead.
  VirtualCampaign(engine::Settings settings, std::size_t tasks, Draw draw, Duration latency = Duration{0});

  /// What the gateway says a task takes, if it says so.
  void announce(std::chrono::seconds estimated_time) { estimated_ = estimated_time; }

  /// What earlier campaigns have shown; before run().
  void know(engine::DurationKnowledge const& knowledge);
  [[nodiscard]] engine::DurationKnowledge knowledge() const;

  /// Goes on until all is done, or `decisions` more were made.
  void run(std::uint64_t decisions = UINT64_MAX);

  struct Made {
    Duration duration{0};
    Duration unseen{0};  ///< from its end until a read saw it
    int reads = 0;
  };
  /// In the order of submission; of those not seen yet, `reads` alone is right.
  [[nodiscard]] std::vector<Made> const& made() const { return made_; }
  /// Actions that the engine gave and events that it took.
  [[nodiscard]] std::uint64_t decisions() const { return decisions_; }
  [[nodiscard]] Duration elapsed() const { return now_ - TimePoint{}; }
  [[nodiscard]] bool finished() const { return engine_.finished(); }
  [[nodiscard]] int in_flight() const { return engine_.standing().in_flight; }

 private:
  struct Due {
    TimePoint at;
    std::uint64_t number;  ///< what was ordered first comes first
    engine::Event event;
  };
  struct Later {
    bool operator()(Due const& a, Due const& b) const {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };

  void carry_out(engine::Action const& action);
  void load(std::size_t count);
  void answer(Duration after, engine::Event event);
  void tell(engine::Event const& event);

  Draw draw_;
  Duration latency_;
  std::optional<std::chrono::seconds> estimated_;
  engine::Engine engine_;
  TimePoint now_{};
  std::shared_ptr<plan::Route const> route_;
  std::size_t loaded_ = 0;
  std::vector<Due> due_;  ///< a heap, so that events can be moved out
  std::uint64_t ordered_ = 0;
  std::uint64_t decisions_ = 0;
  std::vector<Made> made_;
  struct Running {
    std::size_t number = 0;  ///< in made_
    TimePoint ends{};
  };
  std::vector<Running> running_;  ///< by task
};

}  // namespace callsheet::bench
