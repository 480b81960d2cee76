#include "orchestrator/cli/progress.hpp"

#include "orchestrator/cli/live_lines.hpp"
#include "orchestrator/cli/run_board.hpp"
#include "orchestrator/cli/run_state.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// For pipes and CI: a line for each finished task and for each trouble, those of a moment in one go.
class LineProgress final : public Progress {
 public:
  LineProgress(RunSize size, TimePoint started) : board_{size, started} {}
  ~LineProgress() override { close(); }

  void on(run::News const& news, TimePoint now) override {
    board_.on(news, now);
    if (std::string const line = board_.line(news, now); !line.empty()) log_ += line + "\n";
    if (std::holds_alternative<run::Warned>(news)) tick(now);
  }
  void tick(TimePoint /*now*/) override {
    if (!log_.empty()) say(std::exchange(log_, {}));
  }
  void show_state(engine::Engine const& engine, TimePoint now) override {
    for (std::string const& line : run_state(board_, engine, now)) log_ += line + "\n";
    tick(now);
  }
  void close() override { tick({}); }

 private:
  RunBoard board_;
  std::string log_;
};

/// For a terminal: finished tasks scroll by, and below them a few lines are kept up to date.
class LiveProgress final : public Progress {
 public:
  LiveProgress(RunSize size, TimePoint started) : board_{size, started}, lines_{colours()} {
    say(LiveLines::begin());
  }
  ~LiveProgress() override { close(); }

  void on(run::News const& news, TimePoint now) override {
    board_.on(news, now);
    if (std::string line = board_.line(news, now); !line.empty())
      log_.push_back({.text = std::move(line), .colour = colour_of(news)});
  }

  void tick(TimePoint now) override {
    TerminalSize const size = stderr_size();
    std::string const out = lines_.update(draw(now, size), log_, size);
    log_.clear();
    if (!out.empty()) say(out);
  }

  void show_state(engine::Engine const& engine, TimePoint now) override {
    for (std::string& line : run_state(board_, engine, now)) log_.push_back({.text = std::move(line)});
    tick(now);
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    say(lines_.end(log_, stderr_size()));
    log_.clear();
  }

 private:
  using Line = LiveLines::Line;
  static constexpr std::size_t rows_most = 8;
  static constexpr int rows_beside = 4;  ///< the sums, what is not shown, and the cursor's own

  [[nodiscard]] static char const* colour_of(run::News const& news) {
    auto const* closed = std::get_if<run::TaskClosed>(&news);
    if (std::holds_alternative<run::UploadProgressed>(news)) return nullptr;
    if (auto const* upload = std::get_if<run::UploadEnded>(&news); upload && !upload->failure) return nullptr;
    if (closed == nullptr) return "33";
    if (closed->outcome == TaskOutcome::made) return "32";
    bool const bad = closed->outcome == TaskOutcome::failed || closed->outcome == TaskOutcome::in_doubt ||
                     closed->outcome == TaskOutcome::mismatched;
    return bad ? "31" : "33";
  }

  [[nodiscard]] std::vector<Line> draw(TimePoint now, TerminalSize size) const {
    std::vector<Line> lines;
    for (auto const& [file, upload] : board_.uploads())
      lines.push_back({.text = upload_row(file, upload, now)});
    auto const room =
        static_cast<std::size_t>(std::max(0, size.rows - rows_beside - static_cast<int>(lines.size())));
    std::size_t const rows = std::min({rows_most, room, board_.active().size()});
    std::size_t shown = 0;
    for (auto const& [id, active] : board_.active()) {
      if (shown++ == rows) break;
      lines.push_back({.text = task_row(active, now)});
    }
    if (board_.active().size() > rows)
      lines.push_back({.text = fmt::format("  … and {} more", board_.active().size() - rows), .colour = "2"});
    lines.push_back({.text = clips_line(now), .colour = "1"});
    if (!board_.is_preview()) lines.push_back({.text = money_line()});
    return lines;
  }

  [[nodiscard]] static std::string task_row(RunBoard::Active const& active, TimePoint now) {
    char const* stage = "sending";
    if (active.stage == RunBoard::Stage::running) stage = "making";
    if (active.stage == RunBoard::Stage::fetching) stage = "fetching";
    return fmt::format("  {:<9} {:<34} {} {:>3} %  {:<8} {}", stage, active.title,
                       bar(active.percent, 100, 12), active.percent, format_duration(now - active.since),
                       active.model.str());
  }

  [[nodiscard]] static std::string upload_row(std::string const& file, RunBoard::Upload const& upload,
                                              TimePoint now) {
    auto const sent = static_cast<std::int64_t>(upload.sent_bytes);
    auto const size = static_cast<std::int64_t>(upload.size_bytes);
    return fmt::format("  {:<9} {:<34} {} {:>3} %  {:<8} {}", "uploading", RunBoard::shown_file(file),
                       bar(sent, size, 12), sent * 100 / std::max<std::int64_t>(1, size),
                       format_duration(now - upload.since), RunBoard::shown(upload));
  }

  [[nodiscard]] std::string clips_line(TimePoint now) const {
    std::string line = fmt::format("{} {}/{} clips", bar(board_.closed(), board_.total(), 24),
                                   board_.closed(), board_.total());
    for (auto const& [outcome, name] : {std::pair{TaskOutcome::mismatched, "mismatched"},
                                        {TaskOutcome::failed, "failed"},
                                        {TaskOutcome::in_doubt, "in doubt"},
                                        {TaskOutcome::waiting, "waiting"},
                                        {TaskOutcome::skipped, "skipped"}})
      if (int const count = board_.count(outcome); count > 0) line += fmt::format(", {} {}", count, name);
    line += fmt::format("   {}", format_duration(board_.elapsed(now)));
    if (auto const left = board_.left(now); left && board_.closed() < board_.total())
      line +=
          fmt::format(", about {} left", format_duration(std::chrono::floor<std::chrono::seconds>(*left)));
    if (auto const until = board_.doubts_until(); until && *until > now)
      line += fmt::format("   waits up to {} for requests whose answers were lost",
                          format_duration(std::chrono::floor<std::chrono::seconds>(*until - now)));
    if (board_.gateway_away()) line += "   the gateway does not answer";
    if (board_.draining()) return line + "   draining";
    return board_.paused() ? line + "   paused" : line;
  }

  [[nodiscard]] std::string money_line() const {
    auto const& money = board_.money();
    Credits const cap = board_.cap();
    Credits const committed = money.held + money.billed + money.refund_expected;
    std::string line = fmt::format("{} {} of {} credits billed", bar(committed.units(), cap.units(), 24),
                                   to_string(money.billed), to_string(cap));
    if (money.held > Credits{}) line += fmt::format(", {} held", to_string(money.held));
    if (money.refund_expected > Credits{})
      line += fmt::format(", {} refund expected", to_string(money.refund_expected));
    return line;
  }

  RunBoard board_;
  LiveLines lines_;
  std::vector<Line> log_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Progress> make_progress(RunSize size, TimePoint started) {
  if (stderr_is_live()) return std::make_unique<LiveProgress>(size, started);
  return std::make_unique<LineProgress>(size, started);
}

}  // namespace callsheet::cli
