#include "orchestrator/report/collect.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

AttemptLine line_of(ledger::AttemptRecord const& attempt) {
  return {.key = attempt.key,
          .model = attempt.model,
          .state = attempt.state,
          .task_id = attempt.task_id,
          .submitted = attempt.submitted,
          .ended = attempt.ended,
          .held = attempt.balance.held,
          .billed = attempt.balance.billed,
          .refund_expected = attempt.balance.refund_expected,
          .failure = attempt.failure};
}

std::optional<ClipFile> file_of(ledger::TaskRecord const& task, std::filesystem::path const& output_dir) {
  bool const in_place = task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::reused;
  if (!task.clip || !in_place) return std::nullopt;
  return ClipFile{
      .path = std::filesystem::path{task.clip->path}.lexically_relative(output_dir).generic_string(),
      .size_bytes = task.clip->size_bytes,
      .width = task.clip->width,
      .height = task.clip->height,
      .length = task.clip->length,
      .has_sound = task.clip->has_sound};
}

std::string mend_for(ClipLine const& clip) {
  switch (clip.status) {
    case ClipStatus::made:
    case ClipStatus::reused:
      return "";
    case ClipStatus::outstanding:
      return "`callsheet resume` goes on with it";
    case ClipStatus::skipped:
      return "raise the cap, or make less, and run the manifest again: what is made is not bought again";
    case ClipStatus::in_doubt:
      return "look for it in the gateway's own task list; its hold stays until it is known what became of it";
    case ClipStatus::failed:
      break;
  }
  bool const refused = !clip.attempts.empty() && clip.attempts.back().failure &&
                       clip.attempts.back().failure->kind == FailureKind::content_refused;
  return refused ? "change the prompt or the picture: the same content would be refused again"
                 : "run the manifest again to try it anew; what is made is not bought again";
}

ClipLine clip_of(ledger::TaskRecord const& task, plan::PlannedTask planned, std::vector<AttemptLine> attempts,
                 Quality bought, std::filesystem::path const& output_dir) {
  ClipLine clip{.task = planned.name,
                .take = planned.take,
                .identity = planned.identity,
                .labels = std::move(planned.labels),
                .request = std::move(planned.request),
                .status = task.outcome,
                .model = attempts.empty() ? ModelId{} : attempts.back().model,
                .quality = bought,
                .price = planned.route->candidates.front().expected,
                .attempts = std::move(attempts),
                .file = file_of(task, output_dir),
                .made_by = task.made_by ? task.made_by->run : RunId{},
                .why = task.why,
                .mend = {},
                .took = {}};
  if (task.made_by) {
    clip.model = task.made_by->model;
    clip.quality = task.made_by->quality;
    if (clip.status == ClipStatus::in_doubt)
      clip.why = fmt::format("run {} has paid for this clip, or may have: it is not bought here",
                             task.made_by->run.str());
  }
  clip.mend = mend_for(clip);
  if (clip.status == ClipStatus::made && task.ended && !clip.attempts.empty())
    clip.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(*task.ended - clip.attempts.front().submitted);
  return clip;
}

}  // namespace

Result<ResultModel> collect(ledger::Ledger& ledger, RunId const& id, std::string program_version) {
  auto const damaged = [&] {
    return fail(Code::ledger_unavailable,
                fmt::format("the ledger's entry of run '{}' cannot be read as a plan", id.str()),
                "it may come from another version of callsheet");
  };
  auto const run = ledger.run(id);
  if (!run) return fail(run.error());
  std::optional<plan::PlanTerms> const terms = plan::decode_terms(run->settings);
  if (!terms) return damaged();
  std::vector<std::shared_ptr<plan::Route const>> routes;
  for (std::string const& text : run->routes) {
    auto route = plan::decode_route(text);
    if (!route || route->candidates.empty()) return damaged();
    routes.push_back(std::make_shared<plan::Route const>(*std::move(route)));
  }
  ResultModel model;
  model.run = id;
  model.campaign = run->summary.campaign;
  model.gateway = run->summary.gateway;
  model.catalog_name = terms->catalog_name;
  model.program_version = std::move(program_version);
  model.status = run->summary.status;
  model.started = run->summary.started;
  model.ended = run->summary.ended;
  model.cap = run->summary.cap;
  model.usd_rate = terms->usd_rate;
  constexpr std::size_t page = 500;
  for (std::uint32_t first = 0;; first += page) {
    auto const tasks = ledger.tasks(id, TaskId{first}, page);
    if (!tasks) return fail(tasks.error());
    for (ledger::TaskRecord const& task : *tasks) {
      std::optional<plan::PlannedTask> planned = plan::decode_task(task.spec);
      if (!planned || task.route >= routes.size()) return damaged();
      planned->route = routes[task.route];
      std::vector<AttemptLine> lines;
      Quality bought = planned->request.quality;
      for (ledger::AttemptRecord const& attempt : task.attempts) {
        lines.push_back(line_of(attempt));
        bought = attempt.quality;
      }
      model.clips.push_back(clip_of(task, *std::move(planned), std::move(lines), bought, terms->output_dir));
    }
    if (tasks->size() < page) return model;
  }
}

}  // namespace callsheet::report
