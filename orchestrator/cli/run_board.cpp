#include "orchestrator/cli/run_board.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/core/overloaded.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

constexpr std::size_t title_width = 34;
constexpr double megabyte = 1e6;

}  // namespace

RunBoard::Active& RunBoard::active(AttemptKey attempt, run::TaskTitle const& title, TimePoint now) {
  auto const [found, fresh] = active_.try_emplace(attempt.task);
  if (fresh) {
    found->second.since = now;
    found->second.title = shown(title);
  }
  return found->second;
}

void RunBoard::on(run::News const& news, TimePoint now) {
  std::visit(
      Overloaded{
          [&](run::AttemptBegan const& n) {
            Active& one = active(n.attempt, n.title, now);
            one.stage = Stage::submitting;
            one.model = n.model;
            one.percent = 0;
            doubts_until_.reset();
            one.since = now;
          },
          [&](run::AttemptRunning const& n) { active(n.attempt, n.title, now).stage = Stage::running; },
          [&](run::AttemptProgressed const& n) {
            Active& one = active(n.attempt, n.title, now);
            one.stage = Stage::running;
            one.percent = n.percent;
          },
          [&](run::UploadProgressed const& n) {
            Upload& upload = uploads_.try_emplace(n.file, Upload{.since = now}).first->second;
            upload.sent_bytes = n.sent_bytes;
            upload.size_bytes = n.size_bytes;
          },
          [&](run::UploadEnded const& n) { uploads_.erase(n.file); },
          [&](run::FetchBegan const& n) { active(n.attempt, n.title, now).stage = Stage::fetching; },
          [&](run::AttemptTroubled const& n) { active_.erase(n.attempt.task); },
          [&](run::TaskClosed const& n) {
            active_.erase(n.task);
            if (n.element) return;
            // What is left for later is not over: three of three would look like the end.
            if (n.outcome != TaskOutcome::outstanding) ++closed_;
            ++outcomes_[n.outcome];
          },
          [&](run::RestClosed const& n) {
            int const told = closed_ + count(TaskOutcome::outstanding) + static_cast<int>(active_.size());
            outcomes_[n.outcome] += std::max(0, total() - told);
          },
          [&](run::MoneyMoved const& n) { money_ = n; },
          [&](run::Draining const&) {
            draining_ = true;
            paused_ = false;
          },
          [&](run::Paused const&) { paused_ = true; },
          [&](run::WentOn const&) { paused_ = false; },
          [&](run::GatewayAway const&) { gateway_away_ = true; },
          [&](run::GatewayBack const&) { gateway_away_ = false; },
          [&](run::DoubtsInTheWay const& n) { doubts_until_ = n.until; },
          [](run::Warned const&) {},
      },
      news);
}

int RunBoard::count(TaskOutcome outcome) const {
  auto const found = outcomes_.find(outcome);
  return found == outcomes_.end() ? 0 : found->second;
}

std::optional<Duration> RunBoard::left(TimePoint now) const {
  int const made = count(TaskOutcome::made) + count(TaskOutcome::mismatched);
  if (made == 0) return std::nullopt;
  return elapsed(now) / made * (total() - closed_);
}

std::string RunBoard::shown(run::TaskTitle const& title) {
  return plain(title.takes > 1 ? fmt::format("{} take {}", title.name, title.take) : title.name, title_width);
}

std::string RunBoard::shown_file(std::string const& path) {
  return plain(std::filesystem::path{path}.filename().string(), title_width);
}

std::string RunBoard::shown(Upload const& upload) {
  return fmt::format("{:.0f} of {:.0f} MB", static_cast<double>(upload.sent_bytes) / megabyte,
                     static_cast<double>(upload.size_bytes) / megabyte);
}

std::string RunBoard::line(run::News const& news, TimePoint now) const {
  if (auto const* closed = std::get_if<run::TaskClosed>(&news)) return line_of(*closed, now);
  if (auto const* trouble = std::get_if<run::AttemptTroubled>(&news)) return line_of(*trouble);
  if (auto const* warned = std::get_if<run::Warned>(&news)) return "warning: " + plain(warned->what);
  if (auto const* upload = std::get_if<run::UploadProgressed>(&news); upload && upload->sent_bytes == 0)
    return fmt::format("uploading {}, {:.0f} MB", shown_file(upload->file),
                       static_cast<double>(upload->size_bytes) / megabyte);
  if (auto const* upload = std::get_if<run::UploadEnded>(&news)) return line_of(*upload);
  if (auto const* rest = std::get_if<run::RestClosed>(&news))
    return fmt::format("nothing more is begun: {}", plain(rest->why));
  if (auto const* draining = std::get_if<run::Draining>(&news)) return line_of(*draining);
  if (auto const* paused = std::get_if<run::Paused>(&news))
    return fmt::format(
        "paused: nothing more is submitted until it goes on; {} tasks at the gateway are brought home",
        paused->in_flight);
  if (std::holds_alternative<run::WentOn>(news)) return "the run goes on";
  if (auto const* away = std::get_if<run::GatewayAway>(&news))
    return fmt::format(
        "the gateway does not answer: nothing is submitted until it does; without an answer the run ends in "
        "{} "
        "(`callsheet resume` goes on later)",
        format_duration(away->gives_up - now));
  if (auto const* back = std::get_if<run::GatewayBack>(&news))
    return fmt::format("the gateway answers again, after {}", format_duration(back->away));
  if (auto const* blocked = std::get_if<run::DoubtsInTheWay>(&news))
    return fmt::format(
        "all {} places in flight are held by requests that may be running, their answers were lost: nothing "
        "new is "
        "submitted for {} at most (a larger `limits.in_flight` leaves room)",
        blocked->doubts, format_duration(std::max(Duration{0}, blocked->until - now)));
  return "";
}

std::string RunBoard::line_of(run::Draining const& news) const {
  if (size_.is_preview)
    return fmt::format("{}: nothing more is begun; what is half drawn is finished (once more to leave now)",
                       news.why);
  std::string line = fmt::format("{}: nothing more is submitted", news.why);
  if (news.in_flight + news.doubts == 0) return line;  // or it is not known yet what there is to bring
  line += news.in_flight == 1
              ? "; 1 task at the gateway is paid for and brought home"
              : fmt::format("; {} tasks at the gateway are paid for and brought home", news.in_flight);
  if (news.doubts > 0) line += fmt::format(", and what became of {} more is looked for", news.doubts);
  return line + " (once more to leave now: `callsheet resume` collects them)";
}

std::string RunBoard::line_of(run::TaskClosed const& news, TimePoint now) const {
  std::string line = fmt::format("[{:>{}}/{}] {:<11} {:<{}}", closed_, std::to_string(total()).size(),
                                 total(), to_string(news.outcome), shown(news.title), title_width);
  if (news.outcome == TaskOutcome::made && news.element)
    return fmt::format("{} after {}", line, format_duration(elapsed(now)));
  if (news.outcome == TaskOutcome::made)
    return fmt::format("{} {:>3} s {:<5} after {}", line, news.duration.count(), to_string(news.quality),
                       format_duration(elapsed(now)));
  return news.why.empty() ? line : fmt::format("{} {}", line, plain(news.why));
}

std::string RunBoard::line_of(run::UploadEnded const& news) {
  if (!news.failure) return fmt::format("uploaded {}", shown_file(news.file));
  std::string const sent =
      news.sent_bytes > 0
          ? fmt::format(" ({})", shown(Upload{.sent_bytes = news.sent_bytes, .size_bytes = news.size_bytes}))
          : "";
  return fmt::format("trouble: {} was not uploaded, which costs nothing{}: {}", shown_file(news.file), sent,
                     plain(news.failure->message, 160));
}

std::string RunBoard::line_of(run::AttemptTroubled const& news) {
  return fmt::format("{} {}: {}{}", news.in_doubt ? "in doubt:" : "trouble:", shown(news.title),
                     plain(news.failure.message, 160),
                     news.failure.code.empty() ? "" : fmt::format(" ({})", plain(news.failure.code, 40)));
}

}  // namespace callsheet::cli
