#include "orchestrator/ledger/store_answers.hpp"

#include <fmt/format.h>

namespace callsheet::ledger {

tl::unexpected<Error> no_such_run(RunId const& id) {
  return fail(Code::not_found, fmt::format("no run '{}' in this ledger", id.str()),
              "see `callsheet history`");
}

void set_counts(RunSummary& summary, TaskCounts const& tasks) {
  summary.tasks = tasks.all;
  summary.outstanding = tasks.outstanding;
  summary.made = tasks.made;
  summary.mismatched = tasks.mismatched;
  summary.reused = tasks.reused;
  summary.failed = tasks.failed;
  summary.in_doubt = tasks.in_doubt;
  summary.waiting = tasks.waiting;
  summary.skipped = tasks.skipped;
}

}  // namespace callsheet::ledger
