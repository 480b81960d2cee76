#include "orchestrator/cli/live_page.hpp"

#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;

std::string full(run::TaskTitle const& title) {
  return title.takes > 1 ? fmt::format("{} take {}", title.name, title.take) : title.name;
}

std::string_view word_of(RunBoard::Stage stage) {
  switch (stage) {
    case RunBoard::Stage::submitting:
      return "sending";
    case RunBoard::Stage::running:
      return "making";
    case RunBoard::Stage::fetching:
      return "fetching";
  }
  return "";
}

LiveState::Tone tone_of(run::News const& news) {
  if (auto const* const closed = std::get_if<run::TaskClosed>(&news)) {
    if (closed->outcome == TaskOutcome::made) return LiveState::Tone::good;
    bool const left = closed->outcome == TaskOutcome::outstanding || closed->outcome == TaskOutcome::skipped;
    return left ? LiveState::Tone::note : LiveState::Tone::bad;
  }
  if (std::holds_alternative<run::AttemptTroubled>(news)) return LiveState::Tone::bad;
  if (std::holds_alternative<run::AttemptBegan>(news)) return LiveState::Tone::plain;
  return LiveState::Tone::note;
}

/// What the page's log says of news; empty: nothing. Decisions first: what was asked of which model, and why.
std::string words_of(run::News const& news, RunBoard const& board, TimePoint now) {
  if (auto const* const began = std::get_if<run::AttemptBegan>(&news))
    return fmt::format("{}: asked of {}, {} credits held{}{}", full(began->title), began->model.str(),
                       to_string(began->hold), began->why.empty() ? "" : "; ", began->why);
  if (auto const* const closed = std::get_if<run::TaskClosed>(&news)) {
    std::string words = fmt::format("{}: {}", full(closed->title), to_string(closed->outcome));
    if (closed->outcome == TaskOutcome::made && !closed->element)
      words += fmt::format(", {} s at {}", closed->duration.count(), to_string(closed->quality));
    return closed->why.empty() ? words : fmt::format("{}; {}", words, closed->why);
  }
  return board.line(news, now);
}

/// "at most 50 in 1 min 00 s, at 50 % of it since the gateway asked to slow down".
std::string words_of(std::optional<Rate> const& rate, double pace) {
  std::string words = rate ? fmt::format("at most {} in {}", rate->count, format_duration(rate->window)) : "";
  if (pace >= 1) return words;
  return fmt::format("{}{}{:.0f} % since the gateway asked to slow down", words, rate ? ", at " : "at ",
                     100 * pace);
}

std::string trouble_of(engine::ModelStanding const& model) {
  using enum engine::ModelStanding::Health;
  switch (model.health) {
    case well:
      return "";
    case pausing:
      return fmt::format("set aside after failures in a row, until {}", format_rfc3339(model.asked_again));
    case tried:
      return "set aside after failures in a row; one task tries whether it is well again";
    case dropped:
      return "asked for nothing more in this run";
  }
  return "";
}

}  // namespace

LivePage::LivePage(std::unique_ptr<Progress> shown, ledger::RunSummary run, Settings settings, TimePoint now)
    : shown_{std::move(shown)},
      run_{std::move(run)},
      settings_{std::move(settings)},
      counts_{run_.clips()},
      board_{{.cap = run_.cap, .tasks = counts_.all, .done = counts_.all - counts_.to_go()}, now},
      began_{now},
      now_{now} {
  // What is in doubt is looked into again, and told anew how it ended.
  counts_.outstanding += std::exchange(counts_.in_doubt, 0);
}

// ---- what the run tells

LivePage::Wanted& LivePage::wanted(TaskId task, run::TaskTitle const& title) {
  Wanted& wanted = wanted_[task];
  if (wanted.title.empty()) wanted.title = full(title);
  return wanted;
}

void LivePage::on(run::News const& news, TimePoint now) {
  shown_->on(news, now);
  now_ = now;
  int const outstanding_before = counts_.outstanding;
  if (auto const* const began = std::get_if<run::AttemptBegan>(&news))
    wanted(began->attempt.task, began->title).prompt = began->prompt;
  if (auto const* const running = std::get_if<run::AttemptRunning>(&news))
    static_cast<void>(wanted(running->attempt.task, running->title));
  if (auto const* const progressed = std::get_if<run::AttemptProgressed>(&news))
    static_cast<void>(wanted(progressed->attempt.task, progressed->title));
  if (auto const* const fetched = std::get_if<run::FetchBegan>(&news))
    static_cast<void>(wanted(fetched->attempt.task, fetched->title));
  if (auto const* const closed = std::get_if<run::TaskClosed>(&news)) count(*closed, now);
  if (auto const* const rest = std::get_if<run::RestClosed>(&news);
      rest != nullptr && rest->outcome != TaskOutcome::outstanding) {
    int const not_begun = std::max(0, outstanding_before - static_cast<int>(board_.active().size()));
    counts_.outstanding -= not_begun;
    counts_.all -= not_begun;
    counts_.add(rest->outcome, not_begun);
  }
  board_.on(news, now);
  write_line(news, now);
}

void LivePage::count(run::TaskClosed const& news, TimePoint now) {
  auto const known = wanted_.extract(news.task);
  if (news.element || news.outcome == TaskOutcome::outstanding) return;
  --counts_.outstanding;
  --counts_.all;
  counts_.add(news.outcome, 1);
  if (!news.file.empty()) ++made_here_;
  finished_.push_front({.clip = {.id = news.task,
                                 .title = full(news.title),
                                 .prompt = known.empty() ? "" : known.mapped().prompt,
                                 .outcome = news.outcome,
                                 .why = news.why,
                                 .has_file = !news.file.empty(),
                                 .duration = news.duration,
                                 .quality = std::string{to_string(news.quality)},
                                 .at = now},
                        .file = news.file});
  if (finished_.size() > live_clips_most) finished_.pop_back();
}

void LivePage::write_line(run::News const& news, TimePoint now) {
  std::string text = words_of(news, board_, now);
  if (text.empty()) return;
  lines_.push_back({.number = ++lines_told_, .at = now, .tone = tone_of(news), .text = std::move(text)});
  if (lines_.size() > live_lines_most) lines_.pop_front();
}

void LivePage::tick(TimePoint now) {
  shown_->tick(now);
  now_ = now;
  if (server_) server_->tick();
}

// ---- beside the run

Result<void> LivePage::begin(boost::asio::io_context& io, Helm& helm) {
  auto server = web::LiveServer::open(io, *this, settings_.port, "callsheet");
  if (!server) return fail(server.error());
  server_ = *std::move(server);
  helm_ = &helm;
  say(fmt::format("live page: {}\n", server_->address()));
  return {};
}

boost::asio::awaitable<void> LivePage::finish() {
  ended_ = now_;
  co_await server_->finish();
  helm_ = nullptr;
}

Result<void> LivePage::act(web::RunOrder order) {
  if (helm_ == nullptr || ended_) return fail(Code::usage, "the run has ended");
  switch (order) {
    case web::RunOrder::pause:
      helm_->pause();
      return {};
    case web::RunOrder::go_on:
      helm_->go_on();
      return {};
    case web::RunOrder::drain:
      // Twice is once here: whoever wants to leave at once says so.
      if (!helm_->stopped()) helm_->stop("stopped on its page");
      return {};
    case web::RunOrder::leave:
      helm_->leave();
      return {};
  }
  return {};
}

std::optional<std::filesystem::path> LivePage::clip(std::string_view name) {
  std::uint32_t number = 0;
  auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  auto const found = std::find_if(finished_.begin(), finished_.end(), [&](Finished const& one) {
    return one.clip.id == TaskId{number} && one.clip.has_file;
  });
  return found == finished_.end() ? std::nullopt : std::optional{found->file};
}

// ---- how it stands

LiveState::Phase LivePage::phase() const {
  if (ended_)
    return counts_.outstanding + counts_.waiting > 0 ? LiveState::Phase::interrupted
                                                     : LiveState::Phase::ended;
  if (helm_ != nullptr && helm_->left()) return LiveState::Phase::leaving;
  if (board_.draining()) return LiveState::Phase::draining;
  // A run that stops by itself is paused no longer, whatever it was told.
  bool const stands = board_.paused() && (helm_ == nullptr || helm_->engine().stopped().empty());
  return stands ? LiveState::Phase::paused : LiveState::Phase::running;
}

std::string LivePage::ending() const {
  if (!ended_) return "";
  if (counts_.outstanding + counts_.waiting > 0)
    return fmt::format("`callsheet resume {}` goes on with it; the report so far: {}", run_.id.str(),
                       settings_.report.string());
  return fmt::format("The report: {}", settings_.report.string());
}

/// In steps of five seconds: what is known no better should not dance.
std::optional<TimePoint> LivePage::done_at() const {
  if (ended_ || made_here_ == 0 || counts_.outstanding == 0 || board_.paused()) return std::nullopt;
  Duration const left = (now_ - began_) / made_here_ * counts_.outstanding;
  TimePoint const at = now_ + left;
  return at - at.time_since_epoch() % Duration{5s};
}

void LivePage::tell_tasks(LiveState& state) const {
  state.tasks_all = board_.active().size();
  for (auto const& [id, active] : board_.active()) {
    if (state.tasks.size() == live_tasks_most) break;
    auto const known = wanted_.find(id);
    LiveState::Task task{.id = id,
                         .title = known == wanted_.end() ? active.title : known->second.title,
                         .prompt = known == wanted_.end() ? "" : known->second.prompt,
                         .model = active.model.str(),
                         .stage = word_of(active.stage),
                         .since = active.since};
    if (active.stage == RunBoard::Stage::running) task.percent = active.percent;
    state.tasks.push_back(std::move(task));
  }
}

void LivePage::tell_engine(LiveState& state, engine::Engine const& engine) const {
  engine::Standing const standing = engine.standing();
  state.in_flight = standing.in_flight;
  state.fetching = standing.fetching;
  // Those that are not loaded yet wait, too.
  state.waiting = std::max(standing.waiting, counts_.outstanding - static_cast<int>(board_.active().size()));
  Limits const& limits = engine.limits();
  state.in_flight_most = limits.in_flight;
  state.rate = words_of(limits.rate, engine.pace(now_));
  for (engine::ModelStanding const& model : engine.models(now_)) {
    auto const own = limits.models.find(model.model);
    bool const has_own = own != limits.models.end();
    state.models.push_back({.name = model.model.str(),
                            .in_flight = model.in_flight,
                            .in_flight_most = has_own ? own->second.in_flight : std::nullopt,
                            .waiting = model.waiting,
                            .waits_for = std::string{engine::to_string(model.waits_for)},
                            .rate = words_of(has_own ? own->second.rate : std::nullopt, model.pace),
                            .trouble = trouble_of(model)});
  }
  if (standing.away)
    state.notices.push_back(fmt::format(
        "The gateway does not answer. Nothing is submitted until it does; without an answer the run ends at {}.",
        format_rfc3339(standing.away->gives_up)));
  if (standing.doubts > 0)
    state.notices.push_back(
        fmt::format("{} places in flight are held by requests whose answers were lost: they may be running.",
                    standing.doubts));
  if (standing.doubts_block_until)
    state.notices.push_back(
        fmt::format("They are all there are: nothing new is submitted until {} at the latest.",
                    format_rfc3339(*standing.doubts_block_until)));
}

std::string LivePage::state() {
  run::MoneyMoved const& money = board_.money();
  LiveState state{.run = run_.id.str(),
                  .campaign = run_.campaign,
                  .gateway = run_.gateway,
                  .acts = helm_ != nullptr && !ended_,
                  .phase = phase(),
                  .ending = ending(),
                  .started = run_.started,
                  .ended = ended_,
                  .money = {.cap = run_.cap,
                            .billed = money.billed,
                            .held = money.held,
                            .refund_expected = money.refund_expected,
                            .billed_usd = approximate_usd(money.billed, settings_.usd_rate)},
                  .clips = counts_,
                  .done_at = done_at()};
  tell_tasks(state);
  if (helm_ != nullptr && !ended_) tell_engine(state, helm_->engine());
  for (Finished const& one : finished_) state.finished.push_back(one.clip);
  state.lines.assign(lines_.begin(), lines_.end());
  return to_json(state);
}

}  // namespace callsheet::cli
