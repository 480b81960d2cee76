#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/settings.hpp"
#include "orchestrator/forecast/beliefs.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace callsheet::forecast {

/// What is to be bought, written down once for all trials.
class Campaign {
 public:
  /// Under these terms, but with tasks of their own.
  Campaign(plan::PlanTerms terms, std::vector<plan::PlannedTask> const& tasks);

  [[nodiscard]] plan::PlanTerms const& terms() const { return terms_; }
  [[nodiscard]] int size() const { return static_cast<int>(tasks_.size()); }
  /// Of its tasks: the others make elements.
  [[nodiscard]] int clips() const { return clips_; }
  /// Of the candidates that are chosen first, one for each task.
  [[nodiscard]] std::vector<engine::PollKind> const& first_choices() const { return first_choices_; }

  /// A run of the campaign that has started. Fails when the ledger does.
  [[nodiscard]] Result<void> write(ledger::Ledger& ledger, RunId const& run, std::string const& gateway,
                                   TimePoint now) const;

 private:
  plan::PlanTerms terms_;
  std::string terms_text_;
  std::vector<std::string> routes_;
  std::vector<ledger::NewTask> tasks_;
  int clips_ = 0;
  std::vector<engine::PollKind> first_choices_;
};

/// What the campaign came to once.
struct Trial {
  Duration took{0};
  ledger::Balance money;
  int made = 0, failed = 0, in_doubt = 0, skipped = 0;
  bool late = false;       ///< a clip was left out because of a deadline
  bool cap_bound = false;  ///< a clip was left out, or made at a lower quality, because of a cap
};

/// What every trial of a campaign has in common.
struct TrialGround {
  Campaign const& campaign;
  Beliefs const& beliefs;
  std::vector<ledger::DurationHistory> const& durations;  ///< for the engine's reads
  engine::Settings const& settings;
  std::string const& gateway;  ///< its name
  TimePoint begin;
};

/// Carries the campaign out on virtual time, with the real driver, engine and booking. The same number gives
/// the same trial. Any thread. Throws when the run does not come to an end: a bug.
[[nodiscard]] Result<Trial> run_trial(TrialGround const& ground, std::uint64_t number);

}  // namespace callsheet::forecast
