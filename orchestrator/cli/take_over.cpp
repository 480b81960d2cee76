#include "orchestrator/cli/take_over.hpp"

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// Where the task's clip belongs.
Result<std::filesystem::path> place_of(ledger::TaskRecord const& task, plan::PlanTerms const& terms) {
  auto const planned = plan::decode_task(task.spec);
  if (!planned) return fail(Code::ledger_unavailable, "a task of the run cannot be read");
  return terms.output_dir / planned->output;
}

/// What the run that has it has made of it, and no other: a run that makes all anew takes no clip from
/// before.
Result<Reuse> made_there(ledger::Ledger& ledger, ledger::LeftTask const& left, TaskIdentity const& identity) {
  if (!left.has_it) return Reuse{};
  auto theirs = ledger.find_task(*left.has_it, identity);
  if (!theirs) return fail(theirs.error());
  if (!*theirs) return Reuse{};
  ledger::TaskRecord& task = **theirs;
  Reuse reuse{.known = Known::outstanding,
              .clip = {.origin = {.run = *left.has_it, .model = {}},
                       .task = std::move(task.name),
                       .outcome = task.outcome,
                       .clip = std::move(task.clip),
                       .identity = std::move(task.identity)}};
  if (!task.attempts.empty()) {
    reuse.clip.origin.model = task.attempts.back().model;
    reuse.clip.origin.quality = task.attempts.back().quality;
  }
  if (task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::mismatched)
    reuse.known = reuse.clip.clip && run::in_place(*reuse.clip.clip) ? Known::made : Known::file_gone;
  return reuse;
}

/// An element is the same whoever made it when.
Result<Reuse> reuse_of(ledger::Ledger& ledger, ledger::LeftTask const& left, ledger::TaskRecord const& task,
                       std::string const& gateway, bool fresh) {
  if (fresh && !task.element) return made_there(ledger, left, task.identity);
  auto reuse = find_reuse(ledger, gateway, {task.identity});
  if (!reuse) return fail(reuse.error());
  return std::move(reuse->front());
}

bool is_waiting_for(ledger::TaskRecord const& task, RunId const& other) {
  return task.outcome == TaskOutcome::waiting && task.made_by && task.made_by->run == other;
}

/// What another run's clip or element means for a task that this run has not bought.
Result<std::vector<ledger::Record>> taken_over(ledger::TaskRecord const& task, Reuse const& reuse,
                                               plan::PlanTerms const& terms, TimePoint now) {
  std::vector<ledger::Record> records;
  ledger::TaskEnded ended{.task = task.id, .outcome = TaskOutcome::outstanding, .why = {}, .at = now};
  switch (reuse.known) {
    case Known::made:
      ended.outcome = TaskOutcome::reused;
      ended.made_by = reuse.clip.origin;
      if (reuse.clip.element) {
        records.emplace_back(ledger::ElementMade{.task = task.id, .id = *reuse.clip.element});
      } else {
        auto const place = place_of(task, terms);
        if (!place) return fail(place.error());
        auto clip = run::link_clip(*reuse.clip.clip, *place);
        if (!clip) return fail(clip.error());
        records.emplace_back(ledger::ClipStored{.task = task.id, .clip = *std::move(clip)});
      }
      break;
    case Known::outstanding:
      if (is_waiting_for(task, reuse.clip.origin.run)) return records;
      ended.outcome = TaskOutcome::waiting;
      ended.why = ledger::waiting_for(reuse.clip.origin.run);
      break;
    case Known::no:
    case Known::file_gone:
    case Known::over_budget:
      break;
  }
  if (ended.outcome == TaskOutcome::outstanding && task.outcome == TaskOutcome::outstanding) return records;
  if (ended.outcome != TaskOutcome::outstanding) ended.made_by = reuse.clip.origin;
  if (ended.outcome == TaskOutcome::reused) {
    ended.why = fmt::format("run {} has made this {}", reuse.clip.origin.run.str(),
                            task.element ? "element" : "clip");
    if (reuse.clip.outcome == TaskOutcome::mismatched) ended.why += fmt::format("; {}", not_as_ordered);
  }
  records.emplace_back(std::move(ended));
  return records;
}

}  // namespace

Result<void> take_over(ledger::Ledger& ledger, RunId const& run, TimePoint now) {
  auto const left = ledger.left_to_others(run);
  if (!left) return fail(left.error());
  if (left->empty()) return {};
  auto const record = ledger.run(run);
  if (!record) return fail(record.error());
  auto const terms = plan::decode_terms(record->settings);
  if (!terms) return fail(Code::ledger_unavailable, "the run's settings cannot be read");
  for (ledger::LeftTask const& one : *left) {
    auto const task = ledger.tasks(run, one.task, 1);
    if (!task) return fail(task.error());
    auto const reuse = reuse_of(ledger, one, task->front(), record->summary.gateway, terms->fresh);
    if (!reuse) return fail(reuse.error());
    auto const records = taken_over(task->front(), *reuse, *terms, now);
    if (!records) return fail(records.error());
    if (records->empty()) continue;
    if (auto const done = ledger.commit(run, *records); !done) return fail(done.error());
  }
  return {};
}

}  // namespace callsheet::cli
