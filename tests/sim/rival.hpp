#pragma once

#include "orchestrator/ledger/memory_ledger.hpp"
#include "tests/sim/weather.hpp"

#include <memory>
#include <string>
#include <vector>

namespace callsheet::sim {

/// Another campaign of the same ledger and gateway, under way at the same time and after some of the same
/// clips. It pays its own bills; what matters is which clips are its own.
class Rival {
 public:
  Rival(std::shared_ptr<ledger::MemoryDisk> disk, TimePoint begun) : disk_{std::move(disk)}, begun_{begun} {}

  void begin(std::vector<ledger::NewTask> const& wanted);

  /// One step about one of its clips. The index of the one it has just got hold of; none: it got none.
  std::optional<std::size_t> act(Dice& dice, TimePoint now);
  /// Its doubts and open requests come to an end.
  void settle(Dice& dice, TimePoint now);

  /// It has money out for that, or has made it.
  [[nodiscard]] bool has(TaskIdentity const& identity) const;
  [[nodiscard]] TaskIdentity const& wants(std::size_t index) const { return clips_[index].identity; }

 private:
  enum class State { none, open, made };
  struct Clip {
    TaskIdentity identity;
    std::uint32_t attempts = 0;
    State state = State::none;
  };
  bool try_to_buy(std::size_t index, TimePoint now);
  void end(std::size_t index, bool made, TimePoint now);
  ledger::Receipt commit(ledger::Record record);

  std::shared_ptr<ledger::MemoryDisk> disk_;
  std::unique_ptr<ledger::Ledger> ledger_;
  TimePoint begun_;
  RunId run_{"rival"};
  std::vector<Clip> clips_;
};

}  // namespace callsheet::sim
