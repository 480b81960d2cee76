#include "orchestrator/cli/log.hpp"

#include "orchestrator/cli/terminal.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

namespace callsheet::cli {

namespace {

/// What spdlog formats, handed on as a line.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LineSink(std::shared_ptr<LineStream> lines) : lines_{std::move(lines)} {}

 private:
  void sink_it_(spdlog::details::log_msg const& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    lines_->write({text.data(), text.size()});
  }
  void flush_() override { lines_->hand_on(); }

  std::shared_ptr<LineStream> lines_;
};

class LoggedProgress final : public Progress {
 public:
  LoggedProgress(std::unique_ptr<Progress> shown, std::shared_ptr<LineStream> lines)
      : shown_{std::move(shown)},
        lines_{std::move(lines)},
        log_{"callsheet", std::make_shared<LineSink>(lines_)} {
    log_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  }

  void on(run::News const& news, TimePoint now) override {
    shown_->on(news, now);
    std::visit([this](auto const& n) { write(n); }, news);
  }
  void tick(TimePoint now) override {
    shown_->tick(now);
    lines_->hand_on();
  }
  void show_state(engine::Engine const& engine, TimePoint now) override { shown_->show_state(engine, now); }
  void close() override {
    shown_->close();
    lines_->finish();
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
  void write(run::UploadProgressed const& n) {
    log_.info("upload file={} sent={} size={}", plain(n.file), n.sent_bytes, n.size_bytes);
  }
  void write(run::UploadEnded const& n) {
    if (!n.failure) return log_.info("uploaded file={} size={}", plain(n.file), n.size_bytes);
    log_.warn("upload_failed file={} sent={} size={} kind={} code={} request_id={} message={}", plain(n.file),
              n.sent_bytes, n.size_bytes, to_string(n.failure->kind), plain(n.failure->code),
              plain(n.failure->request_id), plain(n.failure->message));
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
  void write(run::Paused const& n) { log_.warn("paused in_flight={}", n.in_flight); }
  void write(run::WentOn const& /*n*/) { log_.info("went_on"); }
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
  std::shared_ptr<LineStream> lines_;
  spdlog::logger log_;
};

}  // namespace

Result<std::shared_ptr<LineStream>> open_log(std::filesystem::path const& file) {
  std::error_code told_when_opened;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), told_when_opened);
  // Unlike events, a log has no "-" for stdout.
  return LineStream::open(file == "-" ? std::filesystem::path{"./-"} : file, "log");
}

std::unique_ptr<Progress> with_log(std::unique_ptr<Progress> shown, std::shared_ptr<LineStream> lines) {
  return std::make_unique<LoggedProgress>(std::move(shown), std::move(lines));
}

}  // namespace callsheet::cli
