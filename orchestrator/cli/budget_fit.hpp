#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/plan/fit.hpp"

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// What to make of a campaign with the budget there is, and at which quality of each task's ladder.
class BudgetFit {
 public:
  /// Looks at every task of the script and at what `ledger` (null: there is none) knows of it. `cap`: of the
  /// run; what is left of the day's cap at `now` may be less. Shows every error. Empty: the exit code says
  /// why.
  [[nodiscard]] static tl::expected<BudgetFit, ExitCode> choose(Script const& script, ledger::Ledger* ledger,
                                                                std::string const& gateway,
                                                                Reusing const& reusing, Credits cap,
                                                                TimePoint now);

  /// plan_script() with that choice: routes begin at the quality that was chosen, and what is left out is
  /// marked so. The script must plan the same tasks as before.
  [[nodiscard]] tl::expected<plan::PlanTerms, ExitCode> plan(Script const& script,
                                                             plan::TaskSink const& sink) const;

  /// PlanTerms::fit_question of what was chosen from.
  [[nodiscard]] std::string const& question() const { return question_; }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] nlohmann::json json() const;

 private:
  [[nodiscard]] std::string how_good(plan::FitClass const& one) const;

  /// By task; empty: left out.
  std::vector<std::optional<Quality>> qualities_;
  plan::Fitted fitted_;
  std::string question_;
  Credits cap_;
  bool by_day_ = false;  ///< the day's cap was the smaller one
  bool has_elements_ = false;
  bool bound_is_freer_ = false;
  std::size_t lowered_ = 0;  ///< made at less than their best quality
};

/// plan_script(), fitted where there is a fit.
[[nodiscard]] tl::expected<plan::PlanTerms, ExitCode> plan_script(Script const& script,
                                                                  std::optional<BudgetFit> const& fit,
                                                                  plan::TaskSink const& sink);

}  // namespace callsheet::cli
