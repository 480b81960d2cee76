#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/storm_file.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/witness.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace callsheet::cli {

/// How a rehearsal differs from the run it is for.
struct RehearsalOptions {
  std::chrono::seconds limit{20};  ///< of real time, for one storm
  bool idempotency = true;         ///< the gateway honours keys, where the storm leaves it to that
  RunFlags run;
};

/// A campaign that went through one storm.
struct Rehearsal {
  std::string storm;
  CreditsPerUsd usd_rate{68};
  ledger::RunSummary run;
  ledger::Testimony witness;
  Credits peak;                           ///< most that was billed, held and expected back at one moment
  std::uint64_t faults = 0;               ///< that struck
  std::vector<std::string> unfinished{};  ///< why the run did not come to its end; empty: it did
  bool interrupted = false;               ///< by a signal
  Duration took{0};
};

/// Carries the whole campaign out at a local gateway in that storm, as if nothing of it were made yet, in
/// `folder`, which is there and empty. What takes real time is cut short: clips are made at once, limits of
/// requests a time do not hold, and what is stuck or in doubt is waited for by seconds. Blocks for up to
/// the limit and some seconds. Shows every error; the exit code says why.
[[nodiscard]] tl::expected<Rehearsal, ExitCode> rehearse(Script const& script, Storm const& storm,
                                                         RehearsalOptions const& options,
                                                         std::filesystem::path const& folder);

}  // namespace callsheet::cli
