#include "orchestrator/cli/plan_writer.hpp"

#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// What another run has paid for, or may have, is waited for.
ledger::NewTask new_task(plan::PlannedTask const& task, std::uint32_t route, Reuse const& reuse) {
  ledger::NewTask entry{.identity = task.identity,
                        .name = task.name,
                        .take = task.take,
                        .priority = task.priority,
                        .route = route,
                        .spec = plan::encode_task(task)};
  entry.stands_for = task.stands_for;
  if (plan::is_element(task)) entry.element.emplace();
  if (reuse.known == Known::outstanding) {
    entry.outcome = TaskOutcome::waiting;
    entry.why = ledger::waiting_for(reuse.clip.origin.run);
    entry.made_by = reuse.clip.origin;
  } else if (reuse.known == Known::over_budget) {
    entry.outcome = TaskOutcome::skipped;
    entry.why = "left out: the plan was fitted to a budget too small for it";
  } else if (reuse.known == Known::made) {
    entry.outcome = TaskOutcome::reused;
    if (!reuse.clip.identity.empty() && reuse.clip.identity != task.identity)
      entry.why =
          fmt::format("a retake from another prompt stands in its place, as the report of run {} tells",
                      reuse.clip.origin.run.str());
    if (reuse.clip.outcome == TaskOutcome::mismatched)
      entry.why =
          fmt::format("{}, as the report of run {} tells", not_as_ordered, reuse.clip.origin.run.str());
    entry.made_by = reuse.clip.origin;
    entry.clip = reuse.clip.clip;
    entry.element = reuse.clip.element;
  }
  return entry;
}

}  // namespace

PlanWriter::PlanWriter(ledger::Ledger& ledger, ledger::NewRun run, Reusing const& reusing)
    : ledger_{ledger}, run_{std::move(run)}, reusing_{reusing} {}

Result<void> PlanWriter::begin() {
  return ledger_.begin_run(run_);
}

void PlanWriter::take(plan::PlannedTask&& task, std::size_t route) {
  if (!outcome_) return;
  if (route == routes_) {
    new_routes_.push_back(plan::encode_route(*task.route));
    ++routes_;
  }
  page_.push_back(std::move(task));
  page_routes_.push_back(static_cast<std::uint32_t>(route));
  if (page_.size() == ledger::task_page) outcome_ = write_page();
}

Result<void> PlanWriter::finish() {
  if (outcome_ && !page_.empty()) outcome_ = write_page();
  return outcome_;
}

/// A retake from another prompt stands in the take's place: its record says what the clip was made from.
Result<void> PlanWriter::tell_what_it_was_made_from(plan::PlannedTask& task, Reuse const& reuse) {
  TaskIdentity const& made = reuse.clip.identity;
  if (reuse.known != Known::made || made.empty() || made == task.identity) return {};
  auto const retake = ledger_.find_task(reuse.clip.origin.run, made);
  if (!retake) return fail(retake.error());
  auto const planned = *retake ? plan::decode_task((*retake)->spec) : std::nullopt;
  if (planned) task.request.prompt = planned->request.prompt;
  return {};
}

Result<void> PlanWriter::write_page() {
  if (!new_routes_.empty())
    if (auto added = ledger_.add_routes(run_.id, std::exchange(new_routes_, {})); !added) return added;
  std::vector<TaskIdentity> identities;
  identities.reserve(page_.size());
  for (plan::PlannedTask const& task : page_) identities.push_back(task.identity);
  auto reuse = find_reuse(ledger_, run_.gateway, identities, reusing_);
  if (!reuse) return fail(reuse.error());
  for (std::size_t i = 0; i < page_.size(); ++i)
    if (auto told = tell_what_it_was_made_from(page_[i], (*reuse)[i]); !told) return told;
  std::vector<ledger::NewTask> tasks;
  tasks.reserve(page_.size());
  for (std::size_t i = 0; i < page_.size(); ++i) {
    (*reuse)[i].known = known_of(page_[i], (*reuse)[i].known);
    sums_.add(page_[i], (*reuse)[i].known);
    if (on_buy && is_bought((*reuse)[i].known)) on_buy(page_[i]);
    tasks.push_back(new_task(page_[i], page_routes_[i], (*reuse)[i]));
  }
  page_.clear();
  page_routes_.clear();
  return ledger_.add_tasks(run_.id, tasks);
}

Result<void> link_reused(ledger::Ledger& ledger, RunId const& run, std::filesystem::path const& output_dir) {
  return ledger::for_each_task(ledger, run, [&](ledger::TaskRecord const& task) -> Result<void> {
    if (task.outcome != TaskOutcome::reused || !task.clip) return {};
    auto const planned = plan::decode_task(task.spec);
    if (!planned) return fail(Code::ledger_unavailable, "a task of the run cannot be read");
    auto clip = run::link_clip(*task.clip, output_dir / planned->output);
    if (!clip) return fail(clip.error());
    if (*clip == *task.clip) return {};
    std::vector<ledger::Record> const linked{ledger::ClipStored{.task = task.id, .clip = *std::move(clip)}};
    auto const done = ledger.commit(run, linked);
    return done ? Result<void>{} : fail(done.error());
  });
}

}  // namespace callsheet::cli
