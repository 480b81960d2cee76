#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/memory_rows.hpp"

#include <cstddef>
#include <vector>

// Private to ledger/: reads the tasks of one run, with their attempts.
namespace callsheet::ledger {

[[nodiscard]] EndedTasks read_ended_tasks(StoredRun const& run);
[[nodiscard]] std::vector<ElementTask> read_elements(StoredRun const& run);
[[nodiscard]] UnderWay read_under_way(StoredRun const& run, std::size_t most);
[[nodiscard]] std::vector<TaskRecord> read_latest_ends(StoredRun const& run, std::size_t most);

}  // namespace callsheet::ledger
