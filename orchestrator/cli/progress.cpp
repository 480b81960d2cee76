#include "orchestrator/cli/progress.hpp"

#include "orchestrator/cli/run_board.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <utility>

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
  void close() override { tick({}); }

 private:
  RunBoard board_;
  std::string log_;
};

/// For a terminal: finished tasks scroll by, and below them a few lines are kept up to date. Each frame is
/// written in one go, so that nothing flickers.
class LiveProgress final : public Progress {
 public:
  LiveProgress(RunSize size, TimePoint started) : board_{size, started}, colours_{colours()} {
    say("\033[?25l");  // hide the cursor
  }
  ~LiveProgress() override { close(); }

  void on(run::News const& news, TimePoint now) override {
    board_.on(news, now);
    if (std::string const line = board_.line(news, now); !line.empty()) log_ += painted(news, line) + "\n";
  }

  void tick(TimePoint now) override {
    std::string const frame = draw(now);
    if (log_.empty() && frame == shown_) return;
    std::string out = erase();
    out += log_;
    out += frame;
    log_.clear();
    shown_ = frame;
    say(out);
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    say(erase() + log_ + "\033[?25h");
  }

 private:
  static constexpr std::size_t rows_most = 8;

  [[nodiscard]] std::string erase() const {
    auto const lines = std::count(shown_.begin(), shown_.end(), '\n');
    return lines == 0 ? "" : fmt::format("\033[{}F\033[J", lines);
  }

  [[nodiscard]] std::string paint(char const* colour, std::string const& text) const {
    return colours_ ? fmt::format("\033[{}m{}\033[0m", colour, text) : text;
  }

  [[nodiscard]] std::string painted(run::News const& news, std::string const& line) const {
    auto const* closed = std::get_if<run::TaskClosed>(&news);
    if (closed == nullptr) return paint("33", line);
    if (closed->outcome == TaskOutcome::made) return paint("32", line);
    bool const bad = closed->outcome == TaskOutcome::failed || closed->outcome == TaskOutcome::in_doubt ||
                     closed->outcome == TaskOutcome::mismatched;
    return paint(bad ? "31" : "33", line);
  }

  [[nodiscard]] std::string draw(TimePoint now) const {
    auto const width = static_cast<std::size_t>(std::max(20, terminal_width() - 1));
    std::string frame;
    auto const add = [&](char const* colour, std::string const& line) {
      frame += (colour == nullptr ? plain(line, width) : paint(colour, plain(line, width))) + "\n";
    };
    std::size_t row = 0;
    for (auto const& [id, active] : board_.active()) {
      if (row++ == rows_most) break;
      add(nullptr, task_row(active, now));
    }
    if (board_.active().size() > rows_most)
      add("2", fmt::format("  … and {} more", board_.active().size() - rows_most));
    add("1", clips_line(now));
    add(nullptr, money_line());
    return frame;
  }

  [[nodiscard]] static std::string task_row(RunBoard::Active const& active, TimePoint now) {
    char const* stage = "sending";
    if (active.stage == RunBoard::Stage::running) stage = "making";
    if (active.stage == RunBoard::Stage::fetching) stage = "fetching";
    return fmt::format("  {:<9} {:<34} {} {:>3} %  {:<8} {}", stage, active.title,
                       bar(active.percent, 100, 12), active.percent, format_duration(now - active.since),
                       active.model.str());
  }

  [[nodiscard]] std::string clips_line(TimePoint now) const {
    std::string line = fmt::format("{} {}/{} clips", bar(board_.closed(), board_.total(), 24),
                                   board_.closed(), board_.total());
    for (auto const& [outcome, name] : {std::pair{TaskOutcome::mismatched, "mismatched"},
                                        {TaskOutcome::failed, "failed"},
                                        {TaskOutcome::in_doubt, "in doubt"},
                                        {TaskOutcome::skipped, "skipped"}})
      if (int const count = board_.count(outcome); count > 0) line += fmt::format(", {} {}", count, name);
    line += fmt::format("   {}", format_duration(board_.elapsed(now)));
    if (auto const left = board_.left(now); left && board_.closed() < board_.total())
      line +=
          fmt::format(", about {} left", format_duration(std::chrono::floor<std::chrono::seconds>(*left)));
    if (board_.gateway_away()) line += "   the gateway does not answer";
    return board_.draining() ? line + "   draining" : line;
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

  static std::string bar(std::int64_t part, std::int64_t whole, int width) {
    std::int64_t const full = whole <= 0 ? 0 : std::clamp<std::int64_t>(part * width / whole, 0, width);
    std::string text;
    for (int i = 0; i < width; ++i) text += i < full ? "━" : "─";
    return text;
  }

  RunBoard board_;
  bool colours_;
  std::string log_;
  std::string shown_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Progress> make_progress(RunSize size, TimePoint started) {
  if (stderr_is_live()) return std::make_unique<LiveProgress>(size, started);
  return std::make_unique<LineProgress>(size, started);
}

}  // namespace callsheet::cli
