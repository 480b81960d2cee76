#include "orchestrator/cli/command.hpp"

#include "orchestrator/cli/github.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

fs::path ledger_path(Globals const& globals) {
  if (!globals.ledger.empty()) return fs::absolute(globals.ledger);
  fs::path const own = fs::path{".callsheet"} / "ledger.db";
  fs::path const here = fs::current_path();
  std::error_code ignored;
  for (fs::path folder = here;; folder = folder.parent_path()) {
    if (fs::exists(folder / own, ignored)) return folder / own;
    if (folder == folder.parent_path()) return here / own;
  }
}

Result<std::unique_ptr<ledger::Ledger>> open_for_reading(Globals const& globals) {
  return ledger::open_sqlite_ledger(ledger_path(globals), ledger::Access::read);
}

Result<std::unique_ptr<ledger::Ledger>> open_if_there(Globals const& globals) {
  auto ledger = open_for_reading(globals);
  if (!ledger && ledger.error().code == Code::not_found) return std::unique_ptr<ledger::Ledger>{};
  return ledger;
}

Result<RunId> choose_run(ledger::Ledger& ledger, std::string const& id) {
  if (!id.empty()) return RunId{id};
  auto const runs = ledger.runs(1);
  if (!runs) return fail(runs.error());
  if (runs->empty())
    return fail(Code::not_found, "the ledger has no run yet", "start one with `callsheet run MANIFEST`");
  return runs->front().id;
}

ExitCode refuse(Error const& error) {
  show(error);
  annotate(error);
  return error.code == Code::ledger_unavailable || error.code == Code::busy ? ExitCode::outstanding
                                                                            : ExitCode::usage;
}

}  // namespace callsheet::cli
