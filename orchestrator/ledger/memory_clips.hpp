#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/memory_disk.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Private to ledger/: who has a clip, of all runs at a gateway.
namespace callsheet::ledger {

[[nodiscard]] std::optional<KnownClip> find_clip(MemoryDisk const& disk, std::string const& gateway,
                                                 TaskIdentity const& identity, Clips clips);
[[nodiscard]] std::vector<LeftTask> read_left_to_others(MemoryDisk const& disk, StoredRun const& run);
[[nodiscard]] std::vector<Superseded> read_superseded(MemoryDisk const& disk, StoredRun const& run);
/// The latest run that has money out for what the task asks for; else the latest that has made it and booked
/// that after `known_until`.
[[nodiscard]] std::optional<RunId> find_taker(MemoryDisk const& disk, StoredRun const& run, TaskId task,
                                              std::int64_t known_until);

}  // namespace callsheet::ledger
