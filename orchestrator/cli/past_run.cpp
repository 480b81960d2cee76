#include "orchestrator/cli/past_run.hpp"

#include "orchestrator/cli/command_hint.hpp"
#include "orchestrator/cli/version.hpp"

#include <utility>

namespace callsheet::cli {

Result<PastRun> open_past_run(Globals const& globals, std::string const& id) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return fail(ledger.error());
  auto const chosen = choose_run(**ledger, id);
  if (!chosen) return fail(chosen.error());
  auto reader =
      report::RunReader::open(**ledger, *chosen, {.version = version, .command = command_for(**ledger)});
  if (!reader) return fail(reader.error());
  return PastRun{.ledger = *std::move(ledger), .reader = *std::move(reader)};
}

}  // namespace callsheet::cli
