#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/memory_disk.hpp"

#include <string>
#include <utility>
#include <vector>

// Private to ledger/: the attempts of all runs at one gateway.
namespace callsheet::ledger {

/// By position.
[[nodiscard]] std::vector<bool> read_known_ids(MemoryDisk const& disk, std::string const& gateway,
                                               std::vector<GatewayTaskId> const& ids);
[[nodiscard]] std::vector<Undecided> read_undecided(MemoryDisk const& disk, std::string const& gateway,
                                                    RunId const& except);
[[nodiscard]] std::vector<std::pair<ModelId, TimePoint>> read_creates_since(MemoryDisk const& disk,
                                                                            std::string const& gateway,
                                                                            TimePoint since, TimePoint now);
[[nodiscard]] std::vector<AttemptTally> read_attempt_tallies(MemoryDisk const& disk,
                                                             std::string const& gateway, TimePoint since);

}  // namespace callsheet::ledger
