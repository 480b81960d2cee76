#include "orchestrator/cli/live_state.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/core/json_writer.hpp"

#include <algorithm>

namespace callsheet::cli {

namespace {

constexpr std::size_t title_most = 120;
constexpr std::size_t prompt_most = 240;
constexpr std::size_t text_most = 400;

std::string_view word_of(LiveState::Phase phase) {
  switch (phase) {
    case LiveState::Phase::running:
      return "running";
    case LiveState::Phase::paused:
      return "paused";
    case LiveState::Phase::draining:
      return "draining";
    case LiveState::Phase::leaving:
      return "leaving";
    case LiveState::Phase::ended:
      return "ended";
    case LiveState::Phase::interrupted:
      return "interrupted";
  }
  return "";
}

std::string_view word_of(LiveState::Tone tone) {
  switch (tone) {
    case LiveState::Tone::plain:
      return "plain";
    case LiveState::Tone::good:
      return "good";
    case LiveState::Tone::bad:
      return "bad";
    case LiveState::Tone::note:
      return "note";
  }
  return "";
}

std::int64_t milliseconds_of(TimePoint time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::optional<std::int64_t> milliseconds_of(std::optional<TimePoint> const& time) {
  return time ? std::optional{milliseconds_of(*time)} : std::nullopt;
}

/// Writes the parts, each an object or a list of objects.
class StateWriter {
 public:
  explicit StateWriter(std::string& text) : out_{text} {}

  void write(LiveState const& state) {
    out_.begin_object();
    out_.member("run", state.run);
    out_.member("campaign", plain(state.campaign, title_most));
    out_.member("gateway", state.gateway);
    out_.member("acts", state.acts);
    out_.member("phase", word_of(state.phase));
    out_.member("ending", plain(state.ending, text_most));
    out_.member("started", milliseconds_of(state.started));
    out_.member("ended", milliseconds_of(state.ended));
    out_.member("done_at", milliseconds_of(state.done_at));
    out_.member("in_flight", state.in_flight);
    out_.member("in_flight_most", state.in_flight_most);
    out_.member("rate", state.rate);
    out_.member("fetching", state.fetching);
    out_.member("waiting", state.waiting);
    out_.key("money");
    write(state.money);
    out_.key("clips");
    write(state.clips);
    out_.key("notices");
    out_.begin_array();
    for (std::string const& notice : state.notices) out_.value(plain(notice, text_most));
    out_.end_array();
    list("tasks", state.tasks);
    out_.member("tasks_all", state.tasks_all);
    list("models", state.models);
    list("finished", state.finished);
    list("lines", state.lines);
    list("runs", state.runs);
    out_.end_object();
  }

 private:
  template <class Parts>
  void list(std::string_view name, Parts const& parts) {
    out_.key(name);
    out_.begin_array();
    for (auto const& part : parts) write(part);
    out_.end_array();
  }

  void amount(std::string_view name, Credits credits) {
    out_.key(name);
    out_.begin_object();
    out_.member("credits", to_string(credits));
    out_.member("units", credits.units());
    out_.end_object();
  }

  void write(LiveState::Money const& money) {
    out_.begin_object();
    amount("cap", money.cap);
    amount("billed", money.billed);
    amount("held", money.held);
    amount("refund_expected", money.refund_expected);
    out_.member("billed_usd", money.billed_usd);
    out_.end_object();
  }

  void write(ledger::TaskCounts const& counts) {
    out_.begin_object();
    out_.member("all", counts.all);
    out_.member("made", counts.made);
    out_.member("reused", counts.reused);
    out_.member("mismatched", counts.mismatched);
    out_.member("failed", counts.failed);
    out_.member("in_doubt", counts.in_doubt);
    out_.member("waiting", counts.waiting);
    out_.member("skipped", counts.skipped);
    out_.member("outstanding", counts.outstanding);
    out_.end_object();
  }

  void write(LiveState::Task const& task) {
    out_.begin_object();
    out_.member("id", index(task.id));
    out_.member("title", plain(task.title, title_most));
    out_.member("prompt", one_line(task.prompt));
    out_.member("model", task.model);
    out_.member("stage", task.stage);
    out_.member("percent", task.percent);
    out_.member("since", milliseconds_of(task.since));
    out_.end_object();
  }

  void write(LiveState::Model const& model) {
    out_.begin_object();
    out_.member("name", model.name);
    out_.member("in_flight", model.in_flight);
    out_.member("in_flight_most", model.in_flight_most);
    out_.member("waiting", model.waiting);
    out_.member("waits_for", model.waits_for);
    out_.member("rate", model.rate);
    out_.member("trouble", model.trouble);
    out_.end_object();
  }

  void write(LiveState::Clip const& clip) {
    out_.begin_object();
    out_.member("id", index(clip.id));
    out_.member("title", plain(clip.title, title_most));
    out_.member("prompt", one_line(clip.prompt));
    out_.member("outcome", to_string(clip.outcome));
    out_.member("why", plain(clip.why, text_most));
    out_.member("has_file", clip.has_file);
    out_.member("seconds", clip.duration.count());
    out_.member("quality", clip.quality);
    out_.member("at", milliseconds_of(clip.at));
    out_.end_object();
  }

  void write(LiveState::Line const& line) {
    out_.begin_object();
    out_.member("number", line.number);
    out_.member("at", milliseconds_of(line.at));
    out_.member("tone", word_of(line.tone));
    out_.member("text", plain(line.text, text_most));
    out_.end_object();
  }

  void write(LiveState::Past const& run) {
    out_.begin_object();
    out_.member("id", run.id);
    out_.member("campaign", plain(run.campaign, title_most));
    out_.member("status", run.status);
    out_.member("made", run.made);
    out_.member("tasks", run.tasks);
    amount("billed", run.billed);
    out_.end_object();
  }

  JsonWriter out_;
};

}  // namespace

std::string to_json(LiveState const& state) {
  std::string text;
  StateWriter{text}.write(state);
  return text;
}

std::string one_line(std::string_view prompt) {
  std::string line{prompt.substr(0, 4 * prompt_most)};
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return plain(line, prompt_most);
}

}  // namespace callsheet::cli
