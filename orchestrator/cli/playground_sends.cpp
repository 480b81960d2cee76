#include "orchestrator/cli/playground_sends.hpp"

#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;
using Stage = PlaygroundSend::Stage;
using std::chrono::steady_clock;

constexpr std::size_t waiting_most = 20;
/// Runs of others stand between ours in the ledger.
constexpr int runs_looked_at = 200;
constexpr auto looks_apart = std::chrono::seconds{1};
/// A doubt is settled, or a run gone on with, by a person in a terminal.
constexpr auto looks_over_apart = std::chrono::seconds{3};
/// As shells count: what a process was killed with is above it.
constexpr int killed = 128;

template <class Sends>
auto* with_id(Sends& sends, int id) {
  auto const found = std::find_if(sends.begin(), sends.end(), [id](auto const& one) { return one.id == id; });
  return found == sends.end() ? nullptr : &*found;
}

/// As a file that is there, or none.
Result<std::unique_ptr<ledger::Ledger>> open_file(std::filesystem::path const& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::unique_ptr<ledger::Ledger>{};
  return ledger::open_sqlite_ledger(file, ledger::Access::read);
}

void take_over(PlaygroundSend& send, ledger::RunSummary const& run, ledger::TaskRecord const& task) {
  bool const goes_on = run.status == RunStatus::running && !run.process_gone;
  send.run = run.id;
  send.balance = run.balance;
  send.stage = goes_on ? Stage::elsewhere : Stage::ended;
  send.outcome = task.outcome;
  send.why = task.why;
  send.ended = task.ended ? task.ended : run.ended;
  if (!task.attempts.empty()) send.model = task.attempts.back().model.str();
  if (task.made_by) send.model = task.made_by->model.str();
  if (!task.clip) return;
  send.file = task.clip->path;
  send.length = task.clip->length;
}

/// The run of a send; empty: there is none, and so nothing was bought.
Result<std::optional<ledger::RunSummary>> run_of(PlaygroundSend const& send, std::string const& gateway,
                                                 ledger::Ledger& ledger) {
  if (!send.run.str().empty()) {
    auto run = ledger.summary(send.run);
    if (!run) return fail(run.error());
    return std::optional{*std::move(run)};
  }
  // A process that was killed may not have said which. Those of the same name that people began from its
  // manifest are later ones.
  auto const runs = ledger.runs(runs_looked_at);
  if (!runs) return fail(runs.error());
  auto const first = std::find_if(runs->rbegin(), runs->rend(), [&](ledger::RunSummary const& one) {
    return one.campaign == send.name && one.gateway == gateway;
  });
  if (first != runs->rend()) return std::optional{*first};
  bool const would_be_seen = std::ssize(*runs) < runs_looked_at || runs->back().started < send.sent;
  if (would_be_seen) return std::optional<ledger::RunSummary>{};
  return fail(Code::not_found,
              fmt::format("too many runs were begun since to know of one of '{}'", send.name));
}

Credits amount(json const& event, char const* name) {
  auto const found = event.find(name);
  return found != event.end() && found->is_object()
             ? Credits::from_units(found->value("units", std::int64_t{0}))
             : Credits{};
}

}  // namespace

bool PlaygroundSend::is_open() const {
  return outcome == TaskOutcome::outstanding || outcome == TaskOutcome::waiting ||
         outcome == TaskOutcome::in_doubt;
}

bool PlaygroundSend::can_go_on() const {
  return stage == Stage::ended && !run.str().empty() && is_open();
}

Credits PlaygroundSend::more() const {
  return std::max(most - balance.committed(), Credits{});
}

Credits PlaygroundSend::bound() const {
  if (stage == Stage::refused) return {};
  bool const may_cost_more = !is_over() || is_open();
  return (may_cost_more ? std::max(most, balance.committed()) : balance.committed()) - before;
}

PlaygroundSends::PlaygroundSends(boost::asio::io_context& io, Setup setup)
    : io_{io}, setup_{std::move(setup)} {}

Result<void> PlaygroundSends::load_earlier(std::size_t most) {
  auto const ledger = open_file(setup_.ledger);
  if (!ledger) return fail(ledger.error());
  if (!*ledger) return {};
  auto const runs = (*ledger)->runs(runs_looked_at);
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs) {
    if (sends_.size() == most) break;
    if (!run.campaign.starts_with(playground_prefix) || run.gateway != setup_.gateway) continue;
    auto const tasks = (*ledger)->tasks(run.id, TaskId{}, 1);
    if (!tasks) return fail(tasks.error());
    auto const planned = tasks->empty() ? std::nullopt : plan::decode_task(tasks->front().spec);
    if (!planned) continue;
    PlaygroundSend send;
    send.id = ++last_id_;
    send.name = run.campaign;
    send.request = planned->request;
    send.price = send.most = run.cap;
    send.sent = run.started;
    send.earlier = true;
    std::filesystem::path const manifest = setup_.folder / (run.campaign + ".yaml");
    std::error_code ignored;
    if (std::filesystem::exists(manifest, ignored)) send.manifest = manifest;
    take_over(send, run, tasks->front());
    if (run.process_gone) free_reserve_of(run.campaign);
    sends_.push_back(std::move(send));
  }
  return {};
}

Result<void> PlaygroundSends::read_back(PlaygroundSend& send) const {
  auto const ledger = ledger::open_sqlite_ledger(setup_.ledger, ledger::Access::read);
  if (!ledger) return fail(ledger.error());
  auto const run = run_of(send, setup_.gateway, **ledger);
  if (!run) return fail(run.error());
  if (!*run) {
    send.stage = Stage::refused;
    return {};
  }
  auto const tasks = (*ledger)->tasks((*run)->id, TaskId{}, 1);
  if (!tasks) return fail(tasks.error());
  if (tasks->empty()) return fail(Code::not_found, fmt::format("run {} has no task", (*run)->id.str()));
  take_over(send, **run, tasks->front());
  return {};
}

void PlaygroundSends::free_reserve_of(std::string const& campaign) const {
  auto const ledger = ledger::open_sqlite_ledger(setup_.ledger, ledger::Access::read_write);
  if (ledger) static_cast<void>((*ledger)->lease(campaign));
}

PlaygroundSend* PlaygroundSends::one(int id) {
  return with_id(sends_, id);
}

PlaygroundSend const* PlaygroundSends::find(int id) const {
  return with_id(sends_, id);
}

Credits PlaygroundSends::left() const {
  Credits left = setup_.budget;
  for (PlaygroundSend const& send : sends_)
    if (!send.earlier) left -= send.bound();
  return left;
}

Credits PlaygroundSends::billed() const {
  Credits billed;
  for (PlaygroundSend const& send : sends_)
    if (!send.earlier) billed += std::max(send.balance.billed - send.before, Credits{});
  return billed;
}

Result<void> PlaygroundSends::send(PlaygroundSend send, bool anew) {
  if (stopped_) return fail(Code::busy, "the playground is about to end", "start it again");
  if (waiting_.size() >= waiting_most)
    return fail(Code::busy, fmt::format("{} clips wait already", waiting_.size()), "let some of them come");
  // Begun here, so that nobody meets it while it is half there.
  if (auto const begun = ledger::open_sqlite_ledger(setup_.ledger, ledger::Access::read_write); !begun)
    return fail(begun.error());
  std::vector<std::string> arguments{
      "callsheet", "--ledger", setup_.ledger.string(), "run", send.manifest.string(), "--yes",
      "--events",  "-"};
  arguments.insert(arguments.end(), setup_.run_flags.begin(), setup_.run_flags.end());
  if (anew) arguments.emplace_back("--fresh");
  send.id = ++last_id_;
  waiting_.push_back({.send = send.id, .arguments = std::move(arguments)});
  sends_.push_front(std::move(send));
  begin_what_waits();
  return {};
}

Result<void> PlaygroundSends::go_on(int id, Credits more) {
  PlaygroundSend* const send = one(id);
  if (stopped_ || send == nullptr || !send->can_go_on())
    return fail(Code::usage, "there is nothing to go on with");
  if (send->more() > more)
    return fail(Code::usage, fmt::format("it may cost {} credits more by now", to_string(send->more())),
                "look at it again");
  // From here on it may spend, within its own cap: that is this session's money then.
  if (send->earlier) {
    if (send->more() > left())
      return fail(Code::usage,
                  fmt::format("it may cost {} credits more, and {} of the session's are left",
                              to_string(send->more()), to_string(left())),
                  fmt::format("`callsheet resume {}` goes on with it", send->run.str()));
    send->before = send->balance.committed();
    send->earlier = false;
  }
  std::vector<std::string> arguments{
      "callsheet", "--ledger", setup_.ledger.string(), "resume", send->run.str(), "--events", "-"};
  arguments.insert(arguments.end(), setup_.resume_flags.begin(), setup_.resume_flags.end());
  send->stage = Stage::queued;
  send->message.clear();
  send->why.clear();
  send->ended.reset();
  waiting_.push_back({.send = id, .arguments = std::move(arguments)});
  begin_what_waits();
  return {};
}

void PlaygroundSends::begin_what_waits() {
  while (!stopped_ && !waiting_.empty() && children_.size() < setup_.at_once) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    begin(std::move(next));
  }
}

void PlaygroundSends::begin(Waiting waiting) {
  int const id = waiting.send;
  PlaygroundSend& send = *one(id);
  send.stage = Stage::starting;
  send.percent.reset();
  auto process = ChildRun::start(io_, std::move(waiting.arguments),
                                 {.on_line = [this, id](std::string_view line) { hear(id, line); },
                                  .on_end = [this, id](ChildRun::End ended) { end(id, std::move(ended)); }});
  if (process) {
    children_.push_back({.send = id, .process = *std::move(process)});
    return;
  }
  send.stage = send.run.str().empty() ? Stage::refused : Stage::ended;
  send.why = process.error().what;
}

/// A line of `--events`. What it says is shown, and never counted on: the ledger has the last word.
void PlaygroundSends::hear(int id, std::string_view line) {
  json const event = json::parse(line, nullptr, false);
  PlaygroundSend* const send = one(id);
  if (!event.is_object() || send == nullptr) return;
  std::string const name = event.value("event", "");
  if (send->run.str().empty()) send->run = RunId{event.value("run", "")};
  if (name == "submitting") {
    send->stage = Stage::sending;
    send->model = event.value("model", send->model);
    send->percent.reset();
    send->why.clear();
  } else if (name == "running") {
    send->stage = Stage::making;
  } else if (name == "progress") {
    send->percent = event.value("percent", 0);
  } else if (name == "fetching") {
    send->stage = Stage::fetching;
  } else if (name == "money") {
    send->balance = {.held = amount(event, "held"),
                     .billed = amount(event, "billed"),
                     .refund_expected = amount(event, "refund_expected")};
  } else if (name == "attempt_failed" || name == "rate_limited" || name == "in_doubt") {
    send->why = event.value("message", "");
  } else if (name == "gateway_away") {
    send->why = "the gateway does not answer; it is asked again";
  } else if (name == "gateway_back") {
    send->why.clear();
  }
}

void PlaygroundSends::end(int id, ChildRun::End end) {
  std::erase_if(children_, [id](Child const& child) { return child.send == id; });
  PlaygroundSend& send = *one(id);
  send.percent.reset();
  if (end.code != 0) send.message = std::move(end.message);
  send.ended = SystemClock{}.now();
  if (auto const read = read_back(send); !read) {
    // What is not known is counted at its most.
    send.stage = Stage::ended;
    send.outcome = TaskOutcome::outstanding;
    send.why = read.error().what;
  } else if (end.code > killed) {
    free_reserve_of(send.name);
  }
  begin_what_waits();
}

void PlaygroundSends::tick() {
  auto const now = steady_clock::now();
  if (now - looked_ < looks_apart) return;
  looked_ = now;
  bool const over_too = now - looked_over_ >= looks_over_apart;
  if (over_too) looked_over_ = now;
  for (PlaygroundSend& send : sends_) {
    bool const may_have_moved =
        send.stage == Stage::elsewhere || (over_too && send.stage == Stage::ended && send.is_open());
    // Where it cannot be read it stands as it did.
    if (may_have_moved) static_cast<void>(read_back(send));
  }
}

void PlaygroundSends::stop() {
  stopped_ = true;
  for (Waiting const& waiting : std::exchange(waiting_, {})) {
    PlaygroundSend& send = *one(waiting.send);
    send.stage = send.run.str().empty() ? Stage::refused : Stage::ended;
    send.why = "the playground ended before its turn came";
  }
  for (Child const& child : children_) child.process->signal(SIGINT);
}

}  // namespace callsheet::cli
