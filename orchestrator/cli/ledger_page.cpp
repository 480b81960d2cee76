#include "orchestrator/cli/ledger_page.hpp"

#include "orchestrator/core/prompt_text.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/replaced_run.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;

constexpr int others_most = 10;
constexpr auto others_apart = 15s;

std::string titled(ledger::TaskRecord const& task) {
  return task.take > 1 ? fmt::format("{} take {}", task.name, task.take) : task.name;
}

std::string prompt_of(ledger::TaskRecord const& task) {
  auto const planned = plan::decode_task(task.spec);
  return planned ? prompt_text(planned->request) : "";
}

std::string_view stage_of(ledger::AttemptRecord const& attempt) {
  switch (attempt.state) {
    case AttemptState::submitting:
      return "sending";
    case AttemptState::running:
      return "making";
    case AttemptState::in_doubt:
      return "doubt";
    case AttemptState::finished:
      return "fetching";
    case AttemptState::failed:
    case AttemptState::refused:
      return "sending";  // again, soon
  }
  return "";
}

LiveState::Phase phase_of(RunStatus status) {
  if (status == RunStatus::running) return LiveState::Phase::running;
  bool const has_work = status == RunStatus::interrupted || status == RunStatus::waiting;
  return has_work ? LiveState::Phase::interrupted : LiveState::Phase::ended;
}

std::string ending_of(ledger::RunSummary const& run, std::filesystem::path const& reports) {
  if (run.status == RunStatus::running) return "";
  std::string words = run.process_gone ? "Its process is gone." : "";
  if (run.status == RunStatus::interrupted || run.status == RunStatus::waiting)
    words += fmt::format("{}`callsheet resume {}` goes on with it.", words.empty() ? "" : " ", run.id.str());
  else if (run.status != RunStatus::completed)
    words += fmt::format("It was {}.", to_string(run.status));
  std::error_code ignored;
  std::filesystem::path const report = reports / "report.html";
  if (std::filesystem::exists(report, ignored))
    words += fmt::format("{}The report: {}", words.empty() ? "" : " ", report.string());
  return words;
}

/// What the latest clips that were bought took, each from its request to its end.
struct Pace {
  Duration took{};
  int clips = 0;
  TimePoint latest{};
};

Pace pace_of(std::vector<ledger::TaskRecord> const& ends) {
  Pace pace;
  for (ledger::TaskRecord const& task : ends) {
    if (task.element || task.outcome != TaskOutcome::made || task.attempts.empty()) continue;
    pace.took += *task.ended - task.attempts.back().submitted;
    ++pace.clips;
    pace.latest = std::max(pace.latest, *task.ended);
  }
  return pace;
}

/// As many as are under way at once, each for as long as the latest took: the times between their ends would
/// count a night that the run lay still, and nobody here is told of a pause. Empty where nothing came for so
/// long that it would be a guess: the gateway may be away.
std::optional<TimePoint> done_at(LiveState const& state, Pace const& pace, TimePoint now) {
  constexpr int silent_for = 3;
  int const at_once = state.in_flight + state.fetching;
  if (state.phase != LiveState::Phase::running || pace.clips < 2 || at_once == 0) return std::nullopt;
  Duration const each = pace.took / pace.clips;
  if (now - pace.latest > silent_for * each + 5s) return std::nullopt;
  TimePoint const at = now + each * state.clips.outstanding / at_once;
  return at - at.time_since_epoch() % Duration{5s};
}

}  // namespace

std::string LedgerPage::state() {
  TimePoint const now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  auto const looked = ledger_.at_one_moment([&] { return look(now); });
  state_.notices.clear();
  if (!looked) state_.notices.push_back("The ledger cannot be read: " + looked.error().what);
  return to_json(state_);
}

Result<RunId> LedgerPage::which() {
  if (chosen_) return *chosen_;
  auto const newest = ledger_.runs(1);
  if (!newest) return fail(newest.error());
  if (newest->empty()) return fail(Code::not_found, "there is no run any more");
  return newest->front().id;
}

Result<void> LedgerPage::look(TimePoint now) {
  auto const id = which();
  if (!id) return fail(id.error());
  auto const run = ledger_.run(*id);
  if (!run) return fail(run.error());
  auto const under_way = ledger_.under_way(*id, live_tasks_most);
  if (!under_way) return fail(under_way.error());
  auto const ends = ledger_.latest_ends(*id, live_clips_most);
  if (!ends) return fail(ends.error());
  if (state_.run != id->str()) {
    state_ = {};
    told_.clear();
    others_read_.reset();
    reports_.clear();
  }
  if (auto const looked = look_around(*run, now); !looked) return looked;
  fresh_.clear();
  seen_.clear();
  show_run(*run);
  show_under_way(*under_way);
  show_ends(*ends, now);
  told_ = std::move(seen_);
  for (auto& [at, line] : fresh_) {
    line.number = ++lines_told_;
    state_.lines.push_back(std::move(line));
  }
  if (state_.lines.size() > live_lines_most)
    state_.lines.erase(state_.lines.begin(), state_.lines.end() - live_lines_most);
  return {};
}

void LedgerPage::show_run(ledger::RunRecord const& run) {
  ledger::RunSummary const& summary = run.summary;
  auto const terms = plan::decode_terms(run.settings);
  state_.run = summary.id.str();
  state_.campaign = summary.campaign;
  state_.gateway = summary.gateway;
  state_.phase = phase_of(summary.status);
  state_.ending = ending_of(summary, reports_);
  state_.started = summary.started;
  state_.ended = summary.status == RunStatus::running ? std::nullopt : summary.ended;
  state_.money = {.cap = summary.cap,
                  .billed = summary.balance.billed,
                  .held = summary.balance.held,
                  .refund_expected = summary.balance.refund_expected,
                  .billed_usd = terms ? approximate_usd(summary.balance.billed, terms->usd_rate) : ""};
  state_.clips = summary.clips();
  for (ledger::Note const& note : run.notes) add_line(note.at, LiveState::Tone::note, note.text);
}

void LedgerPage::show_under_way(ledger::UnderWay const& under_way) {
  state_.tasks.clear();
  state_.tasks_all = under_way.all;
  state_.in_flight = 0;
  state_.fetching = 0;
  for (ledger::TaskRecord const& task : under_way.tasks) {
    show_attempts(task);
    ledger::AttemptRecord const& latest = task.attempts.back();
    state_.tasks.push_back({.id = task.id,
                            .title = titled(task),
                            .prompt = prompt_of(task),
                            .model = latest.model.str(),
                            .stage = stage_of(latest),
                            .since = latest.submitted});
    ++(state_.tasks.back().stage == "fetching" ? state_.fetching : state_.in_flight);
  }
  // Those that are not shown are at the gateway, but for a few.
  state_.in_flight += static_cast<int>(under_way.all - under_way.tasks.size());
  state_.waiting = std::max(0, state_.clips.outstanding - static_cast<int>(under_way.all));
}

void LedgerPage::show_ends(std::vector<ledger::TaskRecord> const& ends, TimePoint now) {
  state_.finished.clear();
  files_.clear();
  // A process that was killed has not said when.
  if (state_.phase != LiveState::Phase::running && !state_.ended)
    state_.ended = ends.empty() ? state_.started : *ends.front().ended;
  for (ledger::TaskRecord const& task : ends) {
    show_attempts(task);
    bool const good = task.outcome == TaskOutcome::made;
    bool const left = task.outcome == TaskOutcome::skipped;
    add_line(*task.ended,
             good   ? LiveState::Tone::good
             : left ? LiveState::Tone::note
                    : LiveState::Tone::bad,
             fmt::format("{}: {}{}{}", titled(task), to_string(task.outcome), task.why.empty() ? "" : "; ",
                         task.why));
    if (task.element) continue;
    LiveState::Clip clip{.id = task.id,
                         .title = titled(task),
                         .prompt = prompt_of(task),
                         .outcome = task.outcome,
                         .why = task.why,
                         .has_file = task.clip.has_value(),
                         .at = *task.ended};
    if (task.clip) {
      clip.duration = std::chrono::round<std::chrono::seconds>(task.clip->length);
      files_[index(task.id)] = task.clip->path;
    }
    if (!task.attempts.empty()) clip.quality = to_string(task.attempts.back().quality);
    state_.finished.push_back(std::move(clip));
  }
  state_.done_at = done_at(state_, pace_of(ends), now);
}

void LedgerPage::show_attempts(ledger::TaskRecord const& task) {
  for (ledger::AttemptRecord const& attempt : task.attempts) {
    add_line(attempt.submitted, LiveState::Tone::plain,
             fmt::format("{}: asked of {}, at most {} credits{}{}", titled(task), attempt.model.str(),
                         to_string(attempt.most), attempt.why.empty() ? "" : "; ", attempt.why));
    if (attempt.failure)
      add_line(attempt.ended.value_or(attempt.submitted), LiveState::Tone::bad,
               fmt::format("{}: {}{}{}", titled(task), attempt.failure->message,
                           attempt.then.empty() ? "" : "; ", attempt.then));
  }
}

void LedgerPage::add_line(TimePoint at, LiveState::Tone tone, std::string text) {
  std::string key = fmt::format("{} {}", at.time_since_epoch().count(), text);
  bool const known = told_.contains(key);
  if (!seen_.insert(std::move(key)).second || known) return;
  fresh_.emplace(at, LiveState::Line{.at = at, .tone = tone, .text = std::move(text)});
}

Result<void> LedgerPage::look_around(ledger::RunRecord const& run, TimePoint now) {
  if (others_read_ && now - *others_read_ < others_apart) return {};
  auto const runs = ledger_.runs(others_most + 1);
  if (!runs) return fail(runs.error());
  RunId const& id = run.summary.id;
  if (auto const terms = plan::decode_terms(run.settings)) {
    auto const folder = report::report_folder(ledger_, id, terms->output_dir);
    if (!folder) return fail(folder.error());
    reports_ = *folder;
  }
  others_read_ = now;
  state_.runs.clear();
  for (ledger::RunSummary const& other : *runs) {
    if (other.id == id || state_.runs.size() == others_most) continue;
    ledger::TaskCounts const clips = other.clips();
    state_.runs.push_back({.id = other.id.str(),
                           .campaign = other.campaign,
                           .status = std::string{to_string(other.status)},
                           .made = clips.made + clips.reused + clips.mismatched,
                           .tasks = clips.all,
                           .billed = other.balance.billed});
  }
  return {};
}

Result<void> LedgerPage::act(web::RunOrder /*order*/) {
  return fail(Code::usage, "this page only looks on: `callsheet run --ui` has one that can act");
}

std::optional<std::filesystem::path> LedgerPage::clip(std::string_view name) {
  std::uint32_t number = 0;
  auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  auto const found = files_.find(number);
  return found == files_.end() ? std::nullopt : std::optional{found->second};
}

}  // namespace callsheet::cli
