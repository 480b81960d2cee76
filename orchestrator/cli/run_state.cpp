#include "orchestrator/cli/run_state.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr std::size_t tasks_told = 20;

std::string in_seconds(Duration span) {
  return format_duration(std::max<Duration>(Duration{0}, std::chrono::ceil<std::chrono::seconds>(span)));
}

std::string stage_words(RunBoard::Active const& active) {
  switch (active.stage) {
    case RunBoard::Stage::submitting:
      return "is being sent";
    case RunBoard::Stage::running:
      return fmt::format("is being made, {} %", active.percent);
    case RunBoard::Stage::fetching:
      return "is fetched";
  }
  return "";
}

std::string money_words_of(RunBoard const& board) {
  run::MoneyMoved const& money = board.money();
  std::string text =
      fmt::format("  credits  {} billed, {} held", to_string(money.billed), to_string(money.held));
  if (money.refund_expected > Credits{})
    text += fmt::format(", {} refund expected", to_string(money.refund_expected));
  return text + fmt::format(", of a cap of {}", to_string(board.cap()));
}

void tell_waiting(engine::Engine const& engine, engine::Standing const& standing, TimePoint now,
                  std::vector<std::string>& lines) {
  int told = 0;
  for (engine::Queue const& queue : engine.queues(now)) {
    std::string const why{to_string(queue.waits_for)};
    lines.push_back(fmt::format("  waiting  {} for {}: {}", queue.tasks, queue.model.str(),
                                why.empty() ? "their turn" : why));
    told += static_cast<int>(queue.tasks);
  }
  if (standing.waiting > told)
    lines.push_back(fmt::format("  waiting  {} for pictures, elements, a cap of their group or another try",
                                standing.waiting - told));
  if (standing.doubts > 0)
    lines.push_back(fmt::format(
        "  doubts   {} places in flight are held by requests that may be running, their answers were lost",
        standing.doubts));
  if (standing.doubts_block_until)
    lines.push_back(fmt::format("           nothing new is submitted for {} at most",
                                in_seconds(*standing.doubts_block_until - now)));
  if (standing.away)
    lines.push_back(fmt::format("  gateway  does not answer for {}; the run ends over it in {}",
                                in_seconds(now - standing.away->since),
                                in_seconds(standing.away->gives_up - now)));
}

}  // namespace

std::vector<std::string> run_state(RunBoard const& board, engine::Engine const& engine, TimePoint now) {
  engine::Standing const standing = engine.standing();
  std::vector<std::string> lines{
      fmt::format("after {}: {}/{} clips{}", in_seconds(board.elapsed(now)), board.closed(), board.total(),
                  board.draining() ? ", nothing more is submitted"
                  : board.paused() ? ", paused"
                                   : ""),
      money_words_of(board),
      fmt::format("  at work  {} at the gateway, {} made and on their way", standing.in_flight,
                  standing.fetching)};
  std::size_t told = 0;
  for (auto const& [id, active] : board.active()) {
    if (told++ == tasks_told) break;
    lines.push_back(fmt::format("           {} {} for {}, {}", active.title, stage_words(active),
                                in_seconds(now - active.since), active.model.str()));
  }
  for (auto const& [file, upload] : board.uploads())
    lines.push_back(fmt::format("  upload   {}: {} in {}", RunBoard::shown_file(file),
                                RunBoard::shown(upload), in_seconds(now - upload.since)));
  if (board.active().size() > tasks_told)
    lines.push_back(fmt::format("           and {} more", board.active().size() - tasks_told));
  tell_waiting(engine, standing, now, lines);
  if (auto const next = engine.wake_at(now))
    lines.push_back(fmt::format("  next     something is due in {}", in_seconds(*next - now)));
  return lines;
}

}  // namespace callsheet::cli
