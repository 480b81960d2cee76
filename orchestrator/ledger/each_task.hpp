#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace callsheet::ledger {

/// Tasks are read and written in pages: a run may have a million.
inline constexpr std::size_t task_page = 500;

/// Calls `use` for every task of a run, in order; it returns a Result<void>. Blocking. Fails as
/// Ledger::tasks() or `use`.
template <class Use>
[[nodiscard]] Result<void> for_each_task(Ledger& ledger, RunId const& run, Use use) {
  for (std::uint32_t first = 0;; first += task_page) {
    auto tasks = ledger.tasks(run, TaskId{first}, task_page);
    if (!tasks) return fail(tasks.error());
    for (TaskRecord& task : *tasks)
      if (Result<void> used = use(std::move(task)); !used) return used;
    if (tasks->size() < task_page) return {};
  }
}

}  // namespace callsheet::ledger
