#include "orchestrator/report/run_reader.hpp"

#include "orchestrator/core/deadline.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/replaced_run.hpp"
#include "orchestrator/report/result_builder.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

AttemptLine line_of(ledger::AttemptRecord attempt) {
  return {.key = attempt.key,
          .model = std::move(attempt.model),
          .quality = attempt.quality,
          .state = attempt.state,
          .task_id = std::move(attempt.task_id),
          .most = attempt.most,
          .submitted = attempt.submitted,
          .accepted = attempt.accepted,
          .ended = attempt.ended,
          .held = attempt.balance.held,
          .billed = attempt.balance.billed,
          .refund_expected = attempt.balance.refund_expected,
          .billed_by = attempt.billed_by,
          .failure = std::move(attempt.failure),
          .why = std::move(attempt.why),
          .waited = std::move(attempt.waited),
          .then = std::move(attempt.then)};
}

std::optional<ClipFile> file_of(ledger::TaskRecord const& task, std::filesystem::path const& output_dir) {
  bool const in_place = task.outcome == TaskOutcome::made || task.outcome == TaskOutcome::mismatched ||
                        task.outcome == TaskOutcome::reused;
  if (!task.clip || !in_place) return std::nullopt;
  return ClipFile{
      .path = std::filesystem::path{task.clip->path}.lexically_relative(output_dir).generic_string(),
      .size_bytes = task.clip->size_bytes,
      .width = task.clip->width,
      .height = task.clip->height,
      .length = task.clip->length,
      .has_sound = task.clip->has_sound,
      .sha256 = task.clip->sha256};
}

std::string mend_for(ClipLine const& clip, RunHead const& head) {
  // The manifest has what was rejected: to `run` it is made.
  std::string const again =
      head.retake ? fmt::format("call `{} retake` again", head.command) : "run the manifest again";
  switch (clip.status) {
    case ClipStatus::made:
      return "";
    case ClipStatus::reused:
      return clip.why.find(not_as_ordered) == std::string::npos
                 ? ""
                 : "where it will not do, delete it and run the manifest again, which buys it anew";
    case ClipStatus::mismatched:
      return fmt::format(
          "it is in its place and paid for: `{} dispute` has what to send to the gateway's support; "
          "where it will not do, {} and {}, which buys it anew",
          head.command, head.retake ? "reject it as well" : "delete it", again);
    case ClipStatus::outstanding:
      return fmt::format("`{} resume` goes on with it", head.command);
    case ClipStatus::waiting:
      return fmt::format(
          "`{0} resume` takes it over once that run has brought it home, or makes it where that run gave it "
          "up; `{0} status {1}` tells how it stands there",
          head.command, clip.waiting_for.str());
    case ClipStatus::skipped:
      if (clip.why.starts_with(withdrawn)) return "nothing has to be done about it";
      if (head.status == RunStatus::stopped_by_threshold)
        return fmt::format("see what went wrong first; then {}: what is made is not bought again", again);
      if (clip.why.starts_with(past_deadline))
        return fmt::format("{}, with a later `deadline`: what is made is not bought again", again);
      return fmt::format("raise the cap, or make less, and {}: what is made is not bought again", again);
    case ClipStatus::in_doubt:
      if (clip.attempts.empty())
        return fmt::format(
            "nothing is held for it here: once that run has settled it, `{} resume` with the name of this "
            "one takes it over, or makes it",
            head.command);
      return fmt::format(
          "its hold stays until it is known what became of it: `{0} explain` tells what is known, "
          "`{0} adopt` and `{0} release` settle it",
          head.command);
    case ClipStatus::failed:
      break;
  }
  bool const refused = !clip.attempts.empty() && clip.attempts.back().failure &&
                       clip.attempts.back().failure->kind == FailureKind::content_refused;
  if (!refused) return fmt::format("{} to try it anew; what is made is not bought again", again);
  return head.retake
             ? "give the verdict another prompt, or change the picture: the same content would be refused again"
             : "change the prompt or the picture: the same content would be refused again";
}

}  // namespace

Result<RunReader> RunReader::open(ledger::Ledger& ledger, RunId const& id, Program program) {
  auto run = ledger.run(id);
  if (!run) return fail(run.error());
  RunHead head;
  head.run = id;
  head.campaign = run->summary.campaign;
  head.gateway = run->summary.gateway;
  head.program_version = std::move(program.version);
  head.command = std::move(program.command);
  head.status = run->summary.status;
  head.started = run->summary.started;
  head.ended = run->summary.ended;
  head.cap = run->summary.cap;
  for (ledger::Note& note : run->notes) head.notes.push_back(std::move(note.text));
  RunReader reader{ledger, std::move(head)};
  std::optional<plan::PlanTerms> const terms = plan::decode_terms(run->settings);
  if (!terms) return reader.damaged();
  reader.output_dir_ = terms->output_dir;
  reader.head_.catalog_name = terms->catalog_name;
  reader.head_.usd_rate = terms->usd_rate;
  reader.head_.label_names = terms->axes;
  reader.head_.thresholds = terms->thresholds;
  reader.head_.retake = terms->retake;
  auto const replaced = is_replaced(ledger, id);
  if (!replaced) return fail(replaced.error());
  reader.head_.replaced = *replaced;
  auto elements = ledger.elements(id);
  if (!elements) return fail(elements.error());
  for (ledger::ElementTask& element : *elements)
    reader.elements_.emplace(std::move(element.identity), std::move(element.id));
  for (std::string const& text : run->routes) {
    auto route = plan::decode_route(text);
    if (!route || route->candidates.empty()) return reader.damaged();
    reader.routes_.push_back(std::make_shared<plan::Route const>(*std::move(route)));
  }
  return reader;
}

Result<void> RunReader::each(std::function<void(ClipLine)> const& use) {
  return ledger::for_each_task(*ledger_, head_.run, [&](ledger::TaskRecord task) -> Result<void> {
    auto clip = clip_of(std::move(task));
    if (!clip) return fail(clip.error());
    use(*std::move(clip));
    return {};
  });
}

Result<std::vector<TaskStory>> RunReader::stories(std::string const& task) {
  auto found = ledger_->find_tasks(head_.run, task);
  if (!found) return fail(found.error());
  std::vector<TaskStory> stories;
  for (ledger::TaskRecord& record : *found) {
    auto entries = ledger_->entries(head_.run, record.id);
    if (!entries) return fail(entries.error());
    std::shared_ptr<plan::Route const> const route =
        record.route < routes_.size() ? routes_[record.route] : nullptr;
    auto clip = clip_of(std::move(record));
    if (!clip) return fail(clip.error());
    stories.push_back({.clip = *std::move(clip), .route = route, .entries = *std::move(entries)});
  }
  return stories;
}

Result<std::optional<ClipLine>> RunReader::at(TaskId task) {
  auto found = ledger_->tasks(head_.run, task, 1);
  if (!found) return fail(found.error());
  if (found->empty()) return std::nullopt;
  return clip_of(std::move(found->front()));
}

Result<std::optional<ClipLine>> RunReader::find(TaskIdentity const& identity) {
  auto found = ledger_->find_task(head_.run, identity);
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  return clip_of(**std::move(found));
}

Result<ResultModel> RunReader::add_up() {
  ResultBuilder builder{head_};
  auto const read = each([&builder](ClipLine clip) { builder.add(std::move(clip)); });
  if (!read) return fail(read.error());
  return std::move(builder).finish();
}

Result<ClipLine> RunReader::clip_of(ledger::TaskRecord task) const {
  std::optional<plan::PlannedTask> planned = plan::decode_task(task.spec);
  if (!planned || task.route >= routes_.size()) return damaged();
  ClipLine clip{.task = std::move(planned->name),
                .take = planned->take,
                .identity = std::move(task.identity),
                .labels = std::move(planned->labels),
                .tags = std::move(planned->tags),
                .request = std::move(planned->request),
                .status = task.outcome,
                .model = {},
                .quality = {},
                .price = routes_[task.route]->candidates.front().expected,
                .attempts = {},
                .file = file_of(task, output_dir_),
                .element = task.element.value_or(""),
                .made_by = task.made_by ? task.made_by->run : RunId{},
                .why = std::move(task.why),
                .mend = {},
                .took = {},
                .where = std::move(planned->where),
                .first_choice = routes_[task.route]->candidates.front().model,
                .ended = task.ended};
  for (Element& element : clip.request.elements)
    if (auto const own = elements_.find(element.made_by); own != elements_.end()) element.id = own->second;
  clip.quality = clip.request.quality;
  clip.attempts.reserve(task.attempts.size());
  for (ledger::AttemptRecord& attempt : task.attempts) {
    clip.model = attempt.model;
    clip.quality = attempt.quality;
    clip.attempts.push_back(line_of(std::move(attempt)));
  }
  if (task.made_by && clip.status == ClipStatus::waiting) {
    clip.waiting_for = std::exchange(clip.made_by, {});
  } else if (task.made_by) {
    clip.model = task.made_by->model;
    clip.quality = task.made_by->quality;
    if (clip.status == ClipStatus::in_doubt)
      clip.why = fmt::format("run {} has paid for this {}, or may have: it is not bought here",
                             task.made_by->run.str(), is_element(clip) ? "element" : "clip");
  }
  clip.mend = mend_for(clip, head_);
  bool const came = clip.status == ClipStatus::made || clip.status == ClipStatus::mismatched;
  if (came && task.ended && !clip.attempts.empty())
    clip.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(*task.ended - clip.attempts.front().submitted);
  return clip;
}

tl::unexpected<Error> RunReader::damaged() const {
  return fail(Code::ledger_unavailable,
              fmt::format("the ledger's entry of run '{}' cannot be read as a plan", head_.run.str()),
              "it may come from another version of callsheet");
}

}  // namespace callsheet::report
