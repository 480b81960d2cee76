#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <optional>

namespace callsheet::cli {

/// What the command line may change of a run.
struct RunFlags {
  std::optional<int> in_flight;  ///< -j
  bool yes = false;
  std::filesystem::path log;  ///< --log; empty: none
};

/// A run of the ledger, read back as a plan that a driver can go on with.
struct StoredRun {
  RunId id;
  plan::Plan plan;
  run::Past past;
};
[[nodiscard]] Result<StoredRun> read_back(ledger::Ledger& ledger, RunId const& id);

/// Before an older run goes on: tasks it never bought and another run has made meanwhile are linked, those
/// another run has money on are left alone. Without this both runs would pay for the same take.
[[nodiscard]] Result<void> take_over_clips(ledger::Ledger& ledger, std::string const& gateway, StoredRun& run,
                                           TimePoint now);

/// Carries a begun run to its end, ends it in the ledger, writes its reports, shows the summary on stderr and
/// the path of the HTML report on stdout.
[[nodiscard]] ExitCode carry_out(Session& session, ledger::Ledger& ledger, StoredRun run,
                                 RunFlags const& flags, Session::Mode mode);

/// Writes reports and summary of a run that has ended; the exit code follows from what it came to.
[[nodiscard]] ExitCode conclude(ledger::Ledger& ledger, RunId const& id);

}  // namespace callsheet::cli
