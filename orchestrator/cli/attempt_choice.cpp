#include "orchestrator/cli/attempt_choice.hpp"

#include "orchestrator/cli/terminal.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::cli {

Result<ChosenAttempt> choose_attempt(ledger::Ledger& ledger, ledger::RunSummary const& run,
                                     std::string const& attempt) {
  auto const key = parse_attempt_key(attempt);
  if (!key)
    return fail(Code::usage, fmt::format("'{}' names no attempt", plain(attempt)),
                "attempts are named like 12.1: see `callsheet status` or `callsheet explain`");
  auto tasks = ledger.tasks(run.id, key->task, 1);
  if (!tasks) return fail(tasks.error());
  if (!tasks->empty() && tasks->front().id == key->task) {
    ledger::TaskRecord& task = tasks->front();
    auto const found = std::find_if(task.attempts.begin(), task.attempts.end(),
                                    [&](ledger::AttemptRecord const& one) { return one.key == *key; });
    if (found != task.attempts.end()) {
      ledger::AttemptRecord record = *found;
      return ChosenAttempt{.task = std::move(task), .attempt = std::move(record)};
    }
  }
  return fail(Code::not_found, fmt::format("run {} has no attempt {}", run.id.str(), to_string(*key)),
              "see `callsheet status` or `callsheet explain`");
}

}  // namespace callsheet::cli
