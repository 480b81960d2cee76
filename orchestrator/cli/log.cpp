#include "orchestrator/cli/log.hpp"

#include "orchestrator/cli/terminal.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>

namespace callsheet::cli {

namespace {

class LoggedProgress final : public Progress {
 public:
  LoggedProgress(std::unique_ptr<Progress> shown, std::shared_ptr<spdlog::sinks::sink> sink)
      : shown_{std::move(shown)}, log_{"callsheet", std::move(sink)} {
    log_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    log_.flush_on(spdlog::level::warn);
  }

  void on(run::News const& news, TimePoint now) override {
    shown_->on(news, now);
    std::visit([this](auto const& n) { write(n); }, news);
  }
  void tick(TimePoint now) override { shown_->tick(now); }
  void close() override {
    shown_->close();
    log_.flush();
  }

 private:
  void write(run::AttemptBegan const& n) {
    log_.info("submit {} model={} hold={}", name(n), n.model.str(), to_string(n.hold));
  }
  void write(run::AttemptRunning const& n) { log_.info("running {} id={}", name(n), n.id.str()); }
  void write(run::AttemptProgressed const& n) { log_.info("progress {} percent={}", name(n), n.percent); }
  void write(run::AttemptTroubled const& n) {
    log_.warn("{} {} kind={} code={} request_id={} message={}", n.in_doubt ? "in_doubt" : "trouble", name(n),
              to_string(n.failure.kind), plain(n.failure.code), plain(n.failure.request_id),
              plain(n.failure.message));
  }
  void write(run::FetchBegan const& n) { log_.info("fetch {}", name(n)); }
  void write(run::TaskClosed const& n) {
    log_.info("{} task={} take={} {}", to_string(n.outcome), plain(n.title.name), n.title.take, plain(n.why));
  }
  void write(run::RestClosed const& n) { log_.info("{} rest {}", to_string(n.outcome), plain(n.why)); }
  void write(run::MoneyMoved const& n) {
    log_.info("money held={} billed={} refund_expected={}", to_string(n.held), to_string(n.billed),
              to_string(n.refund_expected));
  }
  void write(run::Draining const& n) {
    log_.warn("draining in_flight={} doubts={} {}", n.in_flight, n.doubts, plain(n.why));
  }
  void write(run::GatewayAway const& n) { log_.warn("gateway_away gives_up={}", format_rfc3339(n.gives_up)); }
  void write(run::GatewayBack const& n) { log_.info("gateway_back away={}", format_duration(n.away)); }
  void write(run::DoubtsInTheWay const& n) {
    log_.warn("doubts_in_the_way doubts={} until={}", n.doubts, format_rfc3339(n.until));
  }
  void write(run::Warned const& n) { log_.warn("warning {}", plain(n.what)); }

  template <class AttemptNews>
  static std::string name(AttemptNews const& n) {
    return fmt::format("task={} take={} attempt={}", plain(n.title.name), n.title.take, to_string(n.attempt));
  }

  std::unique_ptr<Progress> shown_;
  spdlog::logger log_;
};

}  // namespace

Result<std::unique_ptr<Progress>> with_log(std::unique_ptr<Progress> shown,
                                           std::filesystem::path const& file) try {
  auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
  return std::make_unique<LoggedProgress>(std::move(shown), std::move(sink));
} catch (spdlog::spdlog_ex const& e) {
  return fail(Code::file_system, fmt::format("cannot write the log '{}': {}", file.string(), e.what()),
              "name another file with --log");
}

}  // namespace callsheet::cli
