#pragma once

#include "orchestrator/ledger/memory_ledger.hpp"
#include "orchestrator/ledger/memory_rows.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Private to ledger/: what ledgers in memory share, as a file would be.
namespace callsheet::ledger {

class MemoryDisk {
 public:
  /// Null: there is none.
  [[nodiscard]] StoredRun* find(RunId const& id) const;

  std::vector<std::unique_ptr<StoredRun>> runs;  ///< oldest first
  std::int64_t last_entry = 0;
  std::map<std::pair<std::string, std::int64_t>, Credits> days;
  std::map<std::pair<std::string, ContentDigest>, Upload> uploads;
  std::set<std::string> idempotent;
  std::map<std::string, std::vector<BalanceSeen>> balances;
  std::map<std::string, std::map<std::string, DurationHistory>> durations;
};

}  // namespace callsheet::ledger
