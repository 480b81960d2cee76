#include "orchestrator/report/collect.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

AttemptLine line_of(ledger::AttemptRecord const& attempt) {
  return {.id = attempt.id,
          .model = attempt.model,
          .state = attempt.state,
          .task_id = attempt.task_id,
          .submitted = attempt.submitted,
          .ended = attempt.ended,
          .held = attempt.held,
          .billed = attempt.billed,
          .refund_expected = attempt.refund_expected,
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
                .price = planned.route.candidates.front().expected,
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

Result<ResultModel> collect(ledger::RunRecord const& run, std::string program_version) {
  auto const damaged = [&] {
    return fail(Code::ledger_unavailable,
                fmt::format("the ledger's entry of run '{}' cannot be read as a plan", run.summary.id.str()),
                "it may come from another version of callsheet");
  };
  std::optional<plan::Plan> const settings = plan::decode_settings(run.settings);
  if (!settings) return damaged();
  ResultModel model;
  model.run = run.summary.id;
  model.campaign = run.summary.campaign;
  model.gateway = run.summary.gateway;
  model.catalog_name = settings->catalog_name;
  model.program_version = std::move(program_version);
  model.status = run.summary.status;
  model.started = run.summary.started;
  model.ended = run.summary.ended;
  model.cap = run.summary.cap;
  model.usd_rate = settings->usd_rate;
  auto attempt = run.attempts.begin();
  for (std::size_t i = 0; i < run.tasks.size(); ++i) {
    std::optional<plan::PlannedTask> planned = plan::decode_task(run.tasks[i].spec);
    if (!planned) return damaged();
    std::vector<AttemptLine> lines;
    Quality bought = planned->request.quality;
    for (; attempt != run.attempts.end() && index(attempt->key.task) == i; ++attempt) {
      lines.push_back(line_of(*attempt));
      bought = attempt->quality;
    }
    model.clips.push_back(
        clip_of(run.tasks[i], *std::move(planned), std::move(lines), bought, settings->output_dir));
  }
  return model;
}

}  // namespace callsheet::report
