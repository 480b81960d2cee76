#include "orchestrator/cli/metrics.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/overloaded.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// As the value of a label stands in quotes. What is not UTF-8 cannot come here: names are of the manifest.
std::string label_value(std::string_view text) {
  std::string safe;
  for (char const c : text) {
    if (c == '\n') {
      safe += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') safe += '\\';
    safe += c;
  }
  return safe;
}

class MeteredProgress final : public Progress {
 public:
  MeteredProgress(std::unique_ptr<Progress> shown, std::filesystem::path file, ledger::Ledger& ledger,
                  ledger::RunSummary const& begun)
      : shown_{std::move(shown)},
        file_{std::move(file)},
        ledger_{ledger},
        run_{begun.id},
        labels_{fmt::format("campaign=\"{}\",run=\"{}\"", label_value(begun.campaign),
                            label_value(begun.id.str()))},
        cap_{begun.cap},
        tasks_{begun.tasks} {
    take(begun);
    // What is in doubt is looked into again.
    closed_tasks_ -= std::exchange(outcomes_[TaskOutcome::in_doubt], 0);
  }

  void on(run::News const& news, TimePoint now) override {
    if (shown_) shown_->on(news, now);
    count(news);
  }
  void tick(TimePoint now) override {
    if (shown_) shown_->tick(now);
    last_ = now;
    if (written_ && now - *written_ < metrics_interval) return;
    written_ = now;
    write();
  }
  void show_state(engine::Engine const& engine, TimePoint now) override {
    if (shown_) shown_->show_state(engine, now);
  }
  void close() override {
    if (shown_) shown_->close();
    if (std::exchange(closed_, true)) return;
    if (auto const stands = ledger_.summary(run_)) take(*stands);
    write();
  }

 private:
  /// The ledger's word on the tasks and the money.
  void take(ledger::RunSummary const& run) {
    outcomes_ = {{TaskOutcome::made, run.made},         {TaskOutcome::mismatched, run.mismatched},
                 {TaskOutcome::reused, run.reused},     {TaskOutcome::failed, run.failed},
                 {TaskOutcome::in_doubt, run.in_doubt}, {TaskOutcome::waiting, run.waiting},
                 {TaskOutcome::skipped, run.skipped}};
    closed_tasks_ = run.tasks - run.outstanding;
    money_ = {.held = run.balance.held,
              .billed = run.balance.billed,
              .refund_expected = run.balance.refund_expected};
  }

  void count(run::News const& news) {
    std::visit(Overloaded{
                   [&](run::AttemptBegan const& n) {
                     models_[n.attempt.task] = n.model;
                     ++attempts_[{n.model, "begun"}];
                   },
                   [&](run::AttemptTroubled const& n) {
                     bool const limited = n.failure.kind == FailureKind::rate_limited;
                     rate_limited_ += limited ? 1 : 0;
                     // A doubt may yet be settled: it counts when its task is closed with it.
                     if (!n.in_doubt) attempt_ended(n.attempt.task, limited ? "rate_limited" : "failed");
                   },
                   [&](run::TaskClosed const& n) {
                     if (n.outcome == TaskOutcome::made) attempt_ended(n.task, "made");
                     if (n.outcome == TaskOutcome::mismatched) attempt_ended(n.task, "mismatched");
                     if (n.outcome == TaskOutcome::in_doubt) attempt_ended(n.task, "in_doubt");
                     models_.erase(n.task);
                     ++outcomes_[n.outcome];
                     ++closed_tasks_;
                   },
                   [&](run::RestClosed const& n) {
                     // What is not begun and has not ended.
                     int const rest = tasks_ - closed_tasks_ - static_cast<int>(models_.size());
                     if (n.outcome == TaskOutcome::outstanding) return;
                     outcomes_[n.outcome] += std::max(0, rest);
                     closed_tasks_ += std::max(0, rest);
                   },
                   [&](run::MoneyMoved const& n) { money_ = n; },
                   [&](run::GatewayAway const&) { away_ = true; },
                   [&](run::GatewayBack const&) { away_ = false; },
                   [](auto const&) {},
               },
               news);
  }

  void attempt_ended(TaskId task, char const* outcome) {
    // Of an attempt that another process began, the model is not told.
    auto const found = models_.find(task);
    if (found != models_.end()) ++attempts_[{found->second, outcome}];
  }

  void write() {
    WholeFile file{file_};
    file.sink()(text());
    auto const done = file.publish();
    if (!done && !std::exchange(told_, true))
      say(fmt::format("warning: no metrics: {}\n", done.error().what));
  }

  [[nodiscard]] std::string text() const {
    std::string text;
    auto const head = [&text](std::string_view name, std::string_view type, std::string_view help) {
      fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    };
    auto const line = [&](std::string_view name, std::string_view labels, std::string_view value) {
      fmt::format_to(std::back_inserter(text), "{}{{{}{}{}}} {}\n", name, labels_, labels.empty() ? "" : ",",
                     labels, value);
    };
    head("callsheet_tasks", "gauge", "Tasks of the run by how they stand.");
    for (TaskOutcome const outcome :
         {TaskOutcome::made, TaskOutcome::mismatched, TaskOutcome::reused, TaskOutcome::failed,
          TaskOutcome::in_doubt, TaskOutcome::waiting, TaskOutcome::skipped}) {
      auto const found = outcomes_.find(outcome);
      line("callsheet_tasks", fmt::format("state=\"{}\"", to_string(outcome)),
           std::to_string(found == outcomes_.end() ? 0 : found->second));
    }
    line("callsheet_tasks", "state=\"outstanding\"", std::to_string(std::max(0, tasks_ - closed_tasks_)));
    head("callsheet_credits", "gauge", "Credits of the run: what is counted against its cap, and the cap.");
    for (auto const& [kind, amount] : {std::pair{"held", money_.held},
                                       {"billed", money_.billed},
                                       {"refund_expected", money_.refund_expected},
                                       {"cap", cap_}})
      line("callsheet_credits", fmt::format("kind=\"{}\"", kind), to_string(amount));
    head(
        "callsheet_attempts_total", "counter",
        "Attempts by model and how they ended, each once; in_doubt: the task was left so. begun counts all.");
    for (auto const& [key, n] : attempts_)
      line("callsheet_attempts_total",
           fmt::format("model=\"{}\",outcome=\"{}\"", label_value(key.first.str()), key.second),
           std::to_string(n));
    head("callsheet_rate_limited_total", "counter", "Create requests that the gateway answered with 429.");
    line("callsheet_rate_limited_total", "", std::to_string(rate_limited_));
    head("callsheet_gateway_away", "gauge", "1 while the gateway does not answer and is only probed.");
    line("callsheet_gateway_away", "", away_ ? "1" : "0");
    head("callsheet_run_active", "gauge", "1 while the run goes on, 0 in what it leaves behind.");
    line("callsheet_run_active", "", closed_ ? "0" : "1");
    head("callsheet_updated_seconds", "gauge", "When this was written, since 1970.");
    line("callsheet_updated_seconds", "",
         std::to_string(std::chrono::floor<std::chrono::seconds>(last_.time_since_epoch()).count()));
    return text;
  }

  std::unique_ptr<Progress> shown_;
  std::filesystem::path file_;
  ledger::Ledger& ledger_;
  RunId run_;
  std::string labels_;
  Credits cap_;
  int tasks_;
  std::map<TaskId, ModelId> models_;  ///< of tasks that were begun and have not ended
  std::map<std::pair<ModelId, std::string>, std::int64_t> attempts_;
  std::map<TaskOutcome, int> outcomes_;
  run::MoneyMoved money_{};
  std::int64_t rate_limited_ = 0;
  int closed_tasks_ = 0;
  bool away_ = false;
  bool told_ = false;
  bool closed_ = false;
  TimePoint last_ = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  std::optional<TimePoint> written_;
};

}  // namespace

Result<std::unique_ptr<Progress>> with_metrics(std::unique_ptr<Progress> shown, std::filesystem::path file,
                                               ledger::Ledger& ledger, RunId const& run) {
  auto const begun = ledger.summary(run);
  if (!begun) return fail(begun.error());
  return std::make_unique<MeteredProgress>(std::move(shown), std::move(file), ledger, *begun);
}

}  // namespace callsheet::cli
