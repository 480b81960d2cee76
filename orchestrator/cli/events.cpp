#include "orchestrator/cli/events.hpp"

#include "orchestrator/core/json_writer.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace callsheet::cli {

namespace {

constexpr int events_version = 1;

class EventStream final : public Progress {
 public:
  EventStream(std::unique_ptr<Progress> shown, std::shared_ptr<LineStream> lines, RunId run)
      : shown_{std::move(shown)}, lines_{std::move(lines)}, run_{std::move(run)} {}

  void on(run::News const& news, TimePoint now) override {
    if (shown_) shown_->on(news, now);
    std::visit([&](auto const& one) { write(one, now); }, news);
  }
  void tick(TimePoint now) override {
    last_ = now;
    if (shown_) shown_->tick(now);
    lines_->hand_on();
  }
  void show_state(engine::Engine const& engine, TimePoint now) override {
    if (shown_) shown_->show_state(engine, now);
  }
  void close() override {
    if (shown_) shown_->close();
    if (std::exchange(ended_, true)) return;
    line("end", last_, [](JsonWriter&) {});
    lines_->finish();
  }

 private:
  template <class Members>
  void line(std::string_view event, TimePoint now, Members const& members) {
    last_ = now;
    text_.clear();
    JsonWriter out{text_};
    out.begin_object();
    out.member("version", events_version);
    out.member("time", format_rfc3339(now));
    out.member("run", run_.str());
    out.member("event", event);
    members(out);
    out.end_object();
    text_ += '\n';
    lines_->write(text_);
  }

  template <class AttemptNews>
  static void name(JsonWriter& out, AttemptNews const& news) {
    out.member("task", news.title.name);
    out.member("take", news.title.take);
    out.member("attempt", to_string(news.attempt));
  }
  static void credits(JsonWriter& out, std::string_view name, Credits amount) {
    out.key(name);
    out.begin_object();
    out.member("credits", to_string(amount));
    out.member("units", amount.units());
    out.end_object();
  }

  static void failure(JsonWriter& out, Failure const& failure) {
    out.member("kind", to_string(failure.kind));
    out.member("code", failure.code);
    out.member("message", failure.message);
    out.member("request_id", failure.request_id);
    std::optional<std::int64_t> wait;
    if (failure.retry_after) wait = failure.retry_after->count();
    out.member("retry_after_ms", wait);
  }
  template <class UploadNews>
  static void sizes(JsonWriter& out, UploadNews const& news) {
    out.member("file", news.file);
    out.member("sent_bytes", news.sent_bytes);
    out.member("size_bytes", news.size_bytes);
  }

  void write(run::AttemptBegan const& news, TimePoint now) {
    line("submitting", now, [&](JsonWriter& out) {
      name(out, news);
      out.member("model", news.model.str());
      credits(out, "hold", news.hold);
    });
  }
  void write(run::AttemptRunning const& news, TimePoint now) {
    line("running", now, [&](JsonWriter& out) {
      name(out, news);
      out.member("gateway_task", news.id.str());
    });
  }
  void write(run::AttemptProgressed const& news, TimePoint now) {
    line("progress", now, [&](JsonWriter& out) {
      name(out, news);
      out.member("percent", news.percent);
    });
  }
  void write(run::AttemptTroubled const& news, TimePoint now) {
    bool const limited = news.failure.kind == FailureKind::rate_limited;
    line(news.in_doubt ? "in_doubt"
         : limited     ? "rate_limited"
                       : "attempt_failed",
         now, [&](JsonWriter& out) {
           name(out, news);
           failure(out, news.failure);
         });
  }
  void write(run::UploadProgressed const& news, TimePoint now) {
    line("uploading", now, [&](JsonWriter& out) { sizes(out, news); });
  }
  void write(run::UploadEnded const& news, TimePoint now) {
    line(news.failure ? "upload_failed" : "uploaded", now, [&](JsonWriter& out) {
      sizes(out, news);
      if (news.failure) failure(out, *news.failure);
    });
  }
  void write(run::FetchBegan const& news, TimePoint now) {
    line("fetching", now, [&](JsonWriter& out) { name(out, news); });
  }
  void write(run::TaskClosed const& news, TimePoint now) {
    line("finished", now, [&](JsonWriter& out) {
      out.member("task", news.title.name);
      out.member("take", news.title.take);
      out.member("outcome", to_string(news.outcome));
      out.member("why", news.why);
    });
  }
  void write(run::RestClosed const& news, TimePoint now) {
    line("rest_finished", now, [&](JsonWriter& out) {
      out.member("outcome", to_string(news.outcome));
      out.member("why", news.why);
    });
  }
  void write(run::MoneyMoved const& news, TimePoint now) {
    line("money", now, [&](JsonWriter& out) {
      credits(out, "held", news.held);
      credits(out, "billed", news.billed);
      credits(out, "refund_expected", news.refund_expected);
    });
  }
  void write(run::Draining const& news, TimePoint now) {
    line("draining", now, [&](JsonWriter& out) {
      out.member("why", news.why);
      out.member("in_flight", news.in_flight);
      out.member("doubts", news.doubts);
    });
  }
  void write(run::Paused const& news, TimePoint now) {
    line("paused", now, [&](JsonWriter& out) { out.member("in_flight", news.in_flight); });
  }
  void write(run::WentOn const& /*news*/, TimePoint now) {
    line("went_on", now, [](JsonWriter&) {});
  }
  void write(run::GatewayAway const& news, TimePoint now) {
    line("gateway_away", now,
         [&](JsonWriter& out) { out.member("gives_up", format_rfc3339(news.gives_up)); });
  }
  void write(run::GatewayBack const& news, TimePoint now) {
    line("gateway_back", now, [&](JsonWriter& out) {
      out.member("away_ms", std::chrono::floor<std::chrono::milliseconds>(news.away).count());
    });
  }
  void write(run::DoubtsInTheWay const& news, TimePoint now) {
    line("doubts_in_the_way", now, [&](JsonWriter& out) {
      out.member("doubts", news.doubts);
      out.member("until", format_rfc3339(news.until));
    });
  }
  void write(run::Warned const& news, TimePoint now) {
    line("warning", now, [&](JsonWriter& out) { out.member("what", news.what); });
  }

  std::unique_ptr<Progress> shown_;
  std::shared_ptr<LineStream> lines_;
  RunId run_;
  std::string text_;  ///< its memory is used again
  TimePoint last_ = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Progress> with_events(std::unique_ptr<Progress> shown, std::shared_ptr<LineStream> lines,
                                      RunId run) {
  return std::make_unique<EventStream>(std::move(shown), std::move(lines), std::move(run));
}

}  // namespace callsheet::cli
