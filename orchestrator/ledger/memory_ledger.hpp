#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <memory>

namespace callsheet::ledger {

/// What a ledger in memory keeps: it outlives the ledgers that are opened on it, as a file would.
class MemoryDisk;
[[nodiscard]] std::shared_ptr<MemoryDisk> make_memory_disk();

/// A whole store without files, for simulation and forecasts: the same booking, nothing durable. Leases are
/// not kept apart: processes share no memory.
[[nodiscard]] std::unique_ptr<Ledger> open_memory_ledger(std::shared_ptr<MemoryDisk> disk);

}  // namespace callsheet::ledger
