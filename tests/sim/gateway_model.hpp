#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/failure.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/run/virtual_time.hpp"
#include "tests/sim/weather.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::sim {

/// A gateway as far as money and time go, apart from everything that is under test: it has its own prices,
/// bills when it takes a task, and remembers every request it got.
class GatewayModel {
 public:
  struct Order {
    std::string model;
    std::string quality;
    int seconds = 5;
    std::string prompt;                      ///< unique to a task and take: what the clip is of
    std::string key;                         ///< Idempotency-Key
    std::string callback_url;                ///< empty: none asked for
    std::vector<std::string> elements = {};  ///< ids that it refers to
  };
  enum class State { running, completed, failed };
  struct Task {
    std::string id;
    Order order;
    Credits reserved;
    Credits charged;
    State state = State::running;
    bool doomed = false;
    TimePoint created;
    TimePoint ends;
    FailureKind failure = FailureKind::temporary;
    int length_s = 5;        ///< of the clip
    int times_received = 1;  ///< create requests with its key that were answered with it
    bool foreign = false;    ///< somebody else's on the same account
  };
  struct Answer {
    std::optional<std::string> id;  ///< taken
    Failure failure;                ///< refused
    int status = 200;
    bool replayed = false;
  };

  using Price = std::function<Credits(std::string const& model, std::string const& quality, int seconds)>;

  GatewayModel(run::VirtualTime& time, Dice& dice, Weather const& weather, Price price)
      : time_{time}, dice_{dice}, weather_{weather}, price_{std::move(price)} {}

  Answer create(Order const& order);
  void create_foreign(Order const& order);
  /// Null: there is no such task.
  [[nodiscard]] Task const* find(std::string const& id) const;
  /// Newest first.
  [[nodiscard]] std::vector<Task const*> list(TimePoint since) const;
  [[nodiscard]] std::map<std::string, Task> const& tasks() const { return tasks_; }
  [[nodiscard]] Task const* by_key(std::string const& key) const;

  /// Called when a task ends.
  std::function<void(Task const&)> on_end = [](Task const&) {};
  /// No trouble any more: what can be settled now has to be.
  void calm_down() { calm_ = true; }
  /// A create request that arrived a second time with no key to know it by: law 2 is broken.
  [[nodiscard]] std::vector<std::string> const& sent_twice() const { return sent_twice_; }
  /// Orders that referred to an element which was not made then, by their prompts.
  [[nodiscard]] std::vector<std::string> const& unfounded() const { return unfounded_; }
  /// What the task has made when it is completed; empty: a clip.
  [[nodiscard]] static std::string element_of(Task const& task);

 private:
  Task& take(Order const& order, bool foreign);
  void end(std::string const& id);

  run::VirtualTime& time_;
  Dice& dice_;
  Weather const& weather_;
  Price price_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::string> by_key_;
  std::vector<std::string> sent_twice_;
  std::vector<std::string> unfounded_;
  int next_ = 1;
  bool calm_ = false;
};

}  // namespace callsheet::sim
