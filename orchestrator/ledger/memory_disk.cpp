#include "orchestrator/ledger/memory_disk.hpp"

namespace callsheet::ledger {

StoredRun* MemoryDisk::find(RunId const& id) const {
  for (auto const& run : runs)
    if (run->head.id == id) return run.get();
  return nullptr;
}

std::shared_ptr<MemoryDisk> make_memory_disk() {
  return std::make_shared<MemoryDisk>();
}

}  // namespace callsheet::ledger
