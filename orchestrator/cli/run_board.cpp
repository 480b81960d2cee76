#include "orchestrator/cli/run_board.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/core/overloaded.hpp"

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr std::size_t title_width = 34;

}  // namespace

void RunBoard::on(run::News const& news, TimePoint now) {
  std::visit(Overloaded{
                 [&](run::AttemptBegan const& n) {
                   active_[n.attempt.task] = {
                       .stage = Stage::submitting, .model = n.model, .percent = 0, .since = now};
                 },
                 [&](run::AttemptRunning const& n) {
                   Active& active = active_.try_emplace(n.attempt.task, Active{.since = now}).first->second;
                   active.stage = Stage::running;
                 },
                 [&](run::AttemptProgressed const& n) {
                   Active& active = active_.try_emplace(n.attempt.task, Active{.since = now}).first->second;
                   active.stage = Stage::running;
                   active.percent = n.percent;
                 },
                 [&](run::FetchBegan const& n) {
                   active_.try_emplace(n.attempt.task, Active{.since = now}).first->second.stage =
                       Stage::fetching;
                 },
                 [&](run::AttemptTroubled const& n) { active_.erase(n.attempt.task); },
                 [&](run::TaskClosed const& n) {
                   active_.erase(n.task);
                   ++closed_;
                   ++outcomes_[n.outcome];
                 },
                 [&](run::MoneyMoved const& n) { money_ = n; },
                 [&](run::Draining const&) { draining_ = true; },
             },
             news);
}

int RunBoard::count(TaskOutcome outcome) const {
  auto const found = outcomes_.find(outcome);
  return found == outcomes_.end() ? 0 : found->second;
}

std::optional<Duration> RunBoard::left(TimePoint now) const {
  int const made = count(TaskOutcome::made);
  if (made == 0) return std::nullopt;
  return elapsed(now) / made * (total() - closed_);
}

std::string RunBoard::title(TaskId id) const {
  plan::PlannedTask const& task = plan_.tasks[index(id)];
  auto const twin = [&](std::size_t i) { return i < plan_.tasks.size() && plan_.tasks[i].name == task.name; };
  bool const several = task.take > 1 || twin(index(id) + 1);
  return plain(several ? fmt::format("{} take {}", task.name, task.take) : task.name, title_width);
}

std::string RunBoard::line(run::News const& news, TimePoint now) const {
  if (auto const* closed = std::get_if<run::TaskClosed>(&news)) return line_of(*closed, now);
  if (auto const* trouble = std::get_if<run::AttemptTroubled>(&news)) return line_of(*trouble);
  if (auto const* draining = std::get_if<run::Draining>(&news))
    return fmt::format(
        "{}: nothing more is submitted; {} tasks at the gateway are paid for and brought home "
        "(once more to leave now: `callsheet resume` collects them)",
        draining->why, draining->in_flight);
  return "";
}

std::string RunBoard::line_of(run::TaskClosed const& news, TimePoint now) const {
  plan::PlannedTask const& task = plan_.tasks[index(news.task)];
  std::string line = fmt::format("[{:>{}}/{}] {:<11} {:<{}}", closed_, std::to_string(total()).size(),
                                 total(), to_string(news.outcome), title(news.task), title_width);
  if (news.outcome == TaskOutcome::made)
    return fmt::format("{} {:>3} s {:<5} after {}", line, task.request.duration.count(),
                       to_string(task.request.quality), format_duration(elapsed(now)));
  return news.why.empty() ? line : fmt::format("{} {}", line, plain(news.why));
}

std::string RunBoard::line_of(run::AttemptTroubled const& news) const {
  return fmt::format("{} {}: {}{}", news.in_doubt ? "in doubt:" : "trouble:", title(news.attempt.task),
                     plain(news.failure.message, 160),
                     news.failure.code.empty() ? "" : fmt::format(" ({})", plain(news.failure.code, 40)));
}

}  // namespace callsheet::cli
