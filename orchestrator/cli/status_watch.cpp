#include "orchestrator/cli/status_watch.hpp"

#include "orchestrator/cli/live_lines.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds rest_least{500};
constexpr int rest_over_look = 10;

/// Signals that end the watch, or say that the terminal has another size: they wait until they are asked for.
/// Those that this process was started to ignore (nohup) stay ignored.
class AwaitedSignals {
 public:
  AwaitedSignals() {
    sigemptyset(&set_);
    for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) {
      struct sigaction action = {};
      if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_IGN)
        sigaddset(&set_, signal);
    }
    // Its default is to be ignored, and what is ignored is not kept for anybody, blocked or not.
    if (sigismember(&set_, SIGWINCH) == 1) previous_ = std::signal(SIGWINCH, [](int) {});
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~AwaitedSignals() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    if (previous_ != nullptr && previous_ != SIG_ERR) std::signal(SIGWINCH, previous_);
  }
  AwaitedSignals(AwaitedSignals const&) = delete;
  AwaitedSignals& operator=(AwaitedSignals const&) = delete;

  /// True: it is time to leave. Waits that long at most.
  [[nodiscard]] bool wait(std::chrono::milliseconds most) const {
    timespec const limit{.tv_sec = most / 1s, .tv_nsec = (most % 1s) / 1ns};
    int const signal = ::sigtimedwait(&set_, nullptr, &limit);
    return signal > 0 && signal != SIGWINCH;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
  void (*previous_)(int) = nullptr;
};

int clips_in_place(ledger::TaskCounts const& counts) {
  return counts.made + counts.mismatched + counts.reused;
}

std::string troubles_in(ledger::TaskCounts const& counts) {
  std::string text;
  for (auto const& [count, name] : {std::pair{counts.mismatched, "mismatched"},
                                    {counts.failed, "failed"},
                                    {counts.in_doubt, "in doubt"},
                                    {counts.waiting, "waiting"},
                                    {counts.skipped, "skipped"}})
    if (count > 0) text += fmt::format(", {} {}", count, name);
  return text;
}

std::string money_words(ledger::RunSummary const& run) {
  std::string text =
      fmt::format("{} of {} credits billed", to_string(run.balance.billed), to_string(run.cap));
  if (run.balance.held != Credits{}) text += fmt::format(", {} held", to_string(run.balance.held));
  if (run.balance.refund_expected != Credits{})
    text += fmt::format(", {} refund expected", to_string(run.balance.refund_expected));
  return text;
}

std::string clips_words(ledger::RunSummary const& run) {
  ledger::TaskCounts const counts = run.clips();
  return fmt::format("{}/{} clips{}", clips_in_place(counts), counts.all, troubles_in(counts));
}

class Viewer {
 public:
  virtual ~Viewer() = default;
  virtual void show(ledger::RunSummary const& run, TimePoint now) = 0;
  virtual void close() = 0;
};

/// A line for each change, with its time.
class LineViewer final : public Viewer {
 public:
  void show(ledger::RunSummary const& run, TimePoint now) override {
    std::string line = fmt::format("{}; {}", clips_words(run), money_words(run));
    if (line == shown_) return;
    print(fmt::format("{} {}\n", format_rfc3339(now), line));
    shown_ = std::move(line);
  }
  void close() override {}

 private:
  std::string shown_;
};

class LiveViewer final : public Viewer {
 public:
  LiveViewer() { print(LiveLines::begin()); }
  ~LiveViewer() override { close(); }

  void show(ledger::RunSummary const& run, TimePoint now) override {
    constexpr int bar_width = 24;
    ledger::TaskCounts const counts = run.clips();
    int const done = counts.all - counts.outstanding;
    Credits const committed = run.balance.billed + run.balance.held + run.balance.refund_expected;
    auto const since = std::chrono::floor<std::chrono::seconds>(now - run.started);
    std::vector<LiveLines::Line> const lines{
        {.text = fmt::format("run {} of {} at gateway {}", run.id.str(), run.campaign, run.gateway)},
        {.text = fmt::format("{} {}   {}", bar(done, counts.all, bar_width), clips_words(run),
                             format_duration(since)),
         .colour = "1"},
        {.text = fmt::format("{} {}", bar(committed.units(), run.cap.units(), bar_width), money_words(run))}};
    if (std::string const out = lines_.update(lines, {}, stdout_size()); !out.empty()) print(out);
  }
  void close() override {
    if (!std::exchange(closed_, true)) print(lines_.end({}, stdout_size()));
  }

 private:
  LiveLines lines_{colours_allowed()};
  bool closed_ = false;
};

std::unique_ptr<Viewer> make_viewer() {
  if (stdout_is_live()) return std::make_unique<LiveViewer>();
  return std::make_unique<LineViewer>();
}

}  // namespace

Result<Watched> watch(ledger::Ledger& ledger, RunId const& run) {
  AwaitedSignals const signals;
  std::unique_ptr<Viewer> const viewer = make_viewer();
  SystemClock const clock;
  while (true) {
    auto const begun = std::chrono::steady_clock::now();
    auto const summary = ledger.summary(run);
    if (!summary) return fail(summary.error());
    if (summary->status != RunStatus::running) return Watched::ended;
    viewer->show(*summary, clock.now());
    auto const took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (signals.wait(std::max(rest_least, rest_over_look * took))) return Watched::left;
    // Nobody reads any more (`status --watch | head`).
    if (stdout_is_gone()) return Watched::left;
  }
}

}  // namespace callsheet::cli
