#pragma once

#include "orchestrator/cli/progress.hpp"
#include "orchestrator/run/observer.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace callsheet::cli {

/// What the displays show, kept up to date from the run's news.
class RunBoard {
 public:
  enum class Stage { submitting, running, fetching };
  struct Active {
    Stage stage = Stage::submitting;
    ModelId model = {};
    int percent = 0;
    TimePoint since = {};
    std::string title = {};
  };

  /// A large file on its way to the gateway.
  struct Upload {
    std::uint64_t sent_bytes = 0;
    std::uint64_t size_bytes = 0;
    TimePoint since = {};
  };

  RunBoard(RunSize size, TimePoint started) : size_{size}, started_{started}, closed_{size.done} {}

  void on(run::News const& news, TimePoint now);

  [[nodiscard]] std::map<TaskId, Active> const& active() const { return active_; }
  /// By the path of the file.
  [[nodiscard]] std::map<std::string, Upload> const& uploads() const { return uploads_; }
  [[nodiscard]] int total() const { return size_.tasks; }
  [[nodiscard]] int closed() const { return closed_; }
  [[nodiscard]] int count(TaskOutcome outcome) const;
  [[nodiscard]] run::MoneyMoved const& money() const { return money_; }
  [[nodiscard]] Credits cap() const { return size_.cap; }
  [[nodiscard]] bool is_preview() const { return size_.is_preview; }
  [[nodiscard]] bool draining() const { return draining_; }
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] bool gateway_away() const { return gateway_away_; }
  [[nodiscard]] Duration elapsed(TimePoint now) const { return now - started_; }
  /// All places in flight are held by requests whose answers were lost, until then at most; empty: not so.
  [[nodiscard]] std::optional<TimePoint> doubts_until() const { return doubts_until_; }
  /// From the pace so far; empty while nothing is finished.
  [[nodiscard]] std::optional<Duration> left(TimePoint now) const;

  /// "sneaker-en take 2", takes only where there are several.
  [[nodiscard]] static std::string shown(run::TaskTitle const& title);
  /// "sway.mp4".
  [[nodiscard]] static std::string shown_file(std::string const& path);
  /// "31 of 200 MB".
  [[nodiscard]] static std::string shown(Upload const& upload);
  /// The line that tells of this news, without line end; empty: it is not worth a line.
  [[nodiscard]] std::string line(run::News const& news, TimePoint now) const;

 private:
  [[nodiscard]] std::string line_of(run::TaskClosed const& news, TimePoint now) const;
  [[nodiscard]] static std::string line_of(run::AttemptTroubled const& news);
  [[nodiscard]] static std::string line_of(run::UploadEnded const& news);
  [[nodiscard]] std::string line_of(run::Draining const& news) const;
  Active& active(AttemptKey attempt, run::TaskTitle const& title, TimePoint now);

  RunSize size_;
  TimePoint started_;
  std::map<TaskId, Active> active_;
  std::map<std::string, Upload> uploads_;
  std::map<TaskOutcome, int> outcomes_;
  int closed_ = 0;
  run::MoneyMoved money_{};
  bool draining_ = false;
  bool paused_ = false;
  bool gateway_away_ = false;
  std::optional<TimePoint> doubts_until_;
};

}  // namespace callsheet::cli
