#include "orchestrator/cli/begun_run.hpp"

#include "orchestrator/plan/joint_plan.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <vector>

namespace callsheet::cli {

namespace {

/// A run of several campaigns is one of each of them.
bool share_a_campaign(std::string const& a, std::string const& b) {
  std::vector<std::string> const of_a = plan::campaigns_in(a);
  std::vector<std::string> const of_b = plan::campaigns_in(b);
  return std::find_first_of(of_a.begin(), of_a.end(), of_b.begin(), of_b.end()) != of_a.end();
}

}  // namespace

Result<std::optional<ledger::RunSummary>> unfinished_run(ledger::Ledger& ledger, std::string const& campaign,
                                                         std::string const& gateway) {
  constexpr int looked_at = 100;
  auto const runs = ledger.runs(looked_at);
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs)
    if (run.outstanding > 0 && run.gateway == gateway && share_a_campaign(run.campaign, campaign)) return run;
  return std::optional<ledger::RunSummary>{};
}

bool is_same(plan::PlanTerms const& a, plan::PlanTerms const& b) {
  return a.tasks_digest == b.tasks_digest && a.budget == b.budget && a.output_dir == b.output_dir &&
         a.fresh == b.fresh;
}

Result<bool> has_paid(run::RunState const& run) {
  auto const tasks = run.pending->with_money_out();
  if (!tasks) return fail(tasks.error());
  return std::any_of(tasks->begin(), tasks->end(), [](ledger::TaskRecord const& task) {
    return task.attempts.back().state != AttemptState::in_doubt;
  });
}

Result<void> follow(ledger::Ledger& ledger, RunId const& id, plan::PlanTerms const& as_written,
                    plan::PlanTerms terms) {
  terms.limits = as_written.limits;
  terms.thresholds = as_written.thresholds;
  terms.trust = as_written.trust;
  terms.webhooks = as_written.webhooks;
  terms.patience = as_written.patience;
  terms.deadline = as_written.deadline;
  terms.refused_content = as_written.refused_content;
  std::vector<ledger::Record> const renewed{ledger::TermsRenewed{.settings = plan::encode_terms(terms)}};
  auto const done = ledger.commit(id, renewed);
  return done ? Result<void>{} : fail(done.error());
}

}  // namespace callsheet::cli
