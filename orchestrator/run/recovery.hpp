#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/engine/engine.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace callsheet::run {

/// A run as the ledger has it, ready to be carried out: from its beginning, or from where an earlier process
/// left it.
struct RunState {
  RunId id;
  std::string gateway;
  std::string nonce;
  plan::PlanTerms terms;
  std::vector<std::shared_ptr<plan::Route const>> routes;
  TimePoint started;
  std::int64_t known_until = 0;  ///< as in ledger::Intent; 0: nothing is
  int clips = 0;                 ///< that the run is for
  int done = 0;                  ///< of them: what has become of them is settled
  std::vector<ledger::ElementTask> elements;
  ledger::Balance balance;  ///< of the run, so far
  engine::Earlier earlier;
  std::map<engine::PollKind, std::vector<engine::DurationKnowledge::Step>> durations;
  std::unique_ptr<ledger::Ledger::Pending> pending;
};

/// Reads all of that but the tasks. `ledger` outlives it. Blocking. Fails with Code::not_found, or
/// ledger_unavailable when what stands there cannot be read as a plan.
[[nodiscard]] Result<RunState> open_run(ledger::Ledger& ledger, RunId const& id, TimePoint now);

/// A task of the run and what its earlier attempts came to.
struct LoadedTask {
  TaskId id{};
  plan::PlannedTask plan;
  std::optional<ledger::ClipRecord> clip;  ///< its place, perhaps before the file is there
  std::vector<ledger::AttemptRecord> attempts;
};
/// Fails with Code::ledger_unavailable when the record cannot be read as a planned task. Pure.
[[nodiscard]] Result<LoadedTask> load_task(ledger::TaskRecord record, RunState const& run);

/// When no attempt of it may be submitted any more: TimePoint::max() where it has no deadline.
[[nodiscard]] TimePoint deadline_of(plan::PlannedTask const& task, RunState const& run);

/// `gateway_ahead`: of our clock, now. When our clock was set meanwhile, the gateway's tells by how much.
[[nodiscard]] std::vector<engine::PastAttempt> past_of(LoadedTask const& task,
                                                       std::optional<Duration> gateway_ahead);

/// What the ledger remembers about durations; what cannot be read is left out.
[[nodiscard]] std::map<engine::PollKind, std::vector<engine::DurationKnowledge::Step>> durations_from(
    std::vector<ledger::DurationHistory> const& history);

/// What the engine learned about durations, for the ledger.
[[nodiscard]] std::vector<ledger::DurationHistory> history_of(
    std::map<engine::PollKind, engine::DurationKnowledge> const& knowledge);

}  // namespace callsheet::run
