// The driver's frame: tasks are taken in, and the engine's orders carried out: recorded (driver_record.cpp),
// or done (driver_submission.cpp up to a task id, driver_homecoming.cpp from there on).

#include "orchestrator/run/driver.hpp"

#include "orchestrator/core/digest.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

std::uint64_t seed_of(RunId const& run) {
  return std::stoull(sha256_hex(run.str()).substr(0, 16), nullptr, 16);
}

bool has_files(Request const& request) {
  std::vector<MediaInput> const inputs = inputs_of(request);
  return std::any_of(inputs.begin(), inputs.end(),
                     [](MediaInput const& input) { return input.kind == MediaInput::Kind::file; });
}

}  // namespace

Driver::Driver(net::any_io_executor executor, Edges edges, RunState run, engine::Settings settings,
               CallbackAddress callbacks)
    : executor_{std::move(executor)},
      edges_{std::move(edges)},
      run_{std::move(run)},
      callbacks_{std::move(callbacks)},
      engine_{std::move(settings), seed_of(run_.id)},
      mailbox_{executor_},
      alarm_{edges_.make_alarm([this] { mailbox_.interrupt(); })},
      children_{executor_, [this] { abandon(); }},
      books_{executor_, edges_.ledger_executor, 1},
      desk_{executor_, edges_.file_executor, edges_.file_threads},
      writer_{executor_,
              edges_.ledger_executor,
              edges_.ledger,
              run_.id,
              edges_.clock,
              edges_.make_alarm,
              {.trouble =
                   [this](Error const& error) {
                     tell(Warned{error.what +
                                 "; nothing more is submitted, and what is known is tried to be written"});
                     drain("the ledger cannot be written");
                   },
               .lost = [this](Error const& error) { fail_run(error); }}},
      uploads_{executor_,
               {.gateway = edges_.gateway,
                .ledger = edges_.ledger,
                .files = edges_.files,
                .books = books_,
                .desk = desk_,
                .clock = edges_.clock,
                .tell = [this](News const& news) { tell(news); }}},
      deliveries_{{.gateway = edges_.gateway, .files = edges_.files, .desk = desk_, .writer = writer_}},
      balance_{run_.balance} {
  engine_.restore(run_.earlier);
  for (auto const& [kind, steps] : run_.durations) engine_.restore(kind, steps, 1.0);
  for (ledger::ElementTask& element : run_.elements) {
    if (element.ended) engine_.ended_before(element.task, element.outcome, std::move(element.why));
    elements_[element.identity] = {.task = element.task, .id = std::move(element.id)};
  }
}

net::awaitable<bool> Driver::begin() {
  auto read = [this] { return run_.pending->with_money_out(); };
  Result<std::vector<ledger::TaskRecord>> records = co_await books_.run(std::move(read));
  if (!records) {
    fail_run(records.error());
    co_return false;
  }
  TimePoint const now = edges_.clock.now();
  engine_.load_on_demand();
  if (!take_in(*std::move(records), now)) co_return false;
  if (drain_) engine_.on(engine::StopRequested{*drain_}, now);
  co_return true;
}

bool Driver::take_in(std::vector<ledger::TaskRecord> records, TimePoint now) {
  for (ledger::TaskRecord& record : records) {
    Result<LoadedTask> task = load_task(std::move(record), run_);
    if (!task) {
      fail_run(task.error());
      return false;
    }
    Request const& request = task->plan.request;
    Result<std::vector<TaskId>> needs = needs_of(request);
    if (!needs) {
      fail_run(needs.error());
      return false;
    }
    for (Element const& element : request.elements)
      if (!element.made_by.empty())
        engine_.call(elements_.at(element.made_by).task, "the element " + element.name);
    engine::TaskSpec spec{.id = task->id,
                          .route = task->plan.route,
                          .priority = task->plan.priority,
                          .has_inputs = has_files(request),
                          .duration = request.duration,
                          .sound = request.sound,
                          .groups = task->plan.groups,
                          .deadline = deadline_of(task->plan, run_),
                          .past = past_of(*task, edges_.gateway.clock_ahead()),
                          .needs = *std::move(needs),
                          .needed = !makes_clips(request.mode)};
    Live live{.task = *std::move(task), .order = {}, .token = {}, .held = {}, .bought = {}, .file = {}};
    if (!live.task.attempts.empty()) {
      ledger::AttemptRecord const& last = live.task.attempts.back();
      live.bought = last.quality;
      auto const used = std::find_if(
          live.task.plan.route->candidates.begin(), live.task.plan.route->candidates.end(),
          [&](plan::Candidate const& c) { return c.model == last.model && c.quality == last.quality; });
      bool const known = used != live.task.plan.route->candidates.end();
      live.order = {.body = last.request_body,
                    .idempotency_key = last.idempotency_key,
                    .expected = known ? used->expected : last.most,
                    .most = last.most};
      live.held = last.balance.held;
      live.token = last.callback_token;
      if (!live.token.empty()) tokens_[live.token] = last.key;
    }
    live_.emplace(index(live.task.id), std::move(live));
    engine_.add(std::move(spec), now);
  }
  return true;
}

Result<std::vector<TaskId>> Driver::needs_of(Request const& request) const {
  std::vector<TaskId> needs;
  for (Element const& element : request.elements) {
    if (element.made_by.empty()) continue;
    auto const own = elements_.find(element.made_by);
    if (own == elements_.end())
      return fail(Code::ledger_unavailable,
                  fmt::format("run '{}' has no task that makes the element {}", run_.id.str(), element.name),
                  "the ledger is damaged, or was written by another version of callsheet");
    needs.push_back(own->second.task);
  }
  return needs;
}

net::awaitable<Result<Ending>> Driver::run() {
  announce_money(Credits{}, Credits{}, Credits{});
  bool const begun = co_await begin();
  while (begun && !engine_.finished() && !failure_ && !abandoned_) {
    TimePoint const now = edges_.clock.now();
    while (std::optional<engine::Action> action = engine_.next(now))
      if (!record(*action)) children_.spawn(carry_out(std::move(*action)));
    if (engine_.finished()) break;
    tell_what_stands_still(now);
    alarm_->set(engine_.wake_at(now));
    std::optional<engine::Event> event = co_await mailbox_.wait();
    if (event) engine_.on(*event, edges_.clock.now());
  }
  alarm_->set({});
  if (failure_ || abandoned_) co_await children_.cancel_until_empty();
  co_await children_.join();
  bool const durable = co_await writer_.flush();
  if (failure_ || !durable) co_return fail(*failure_);
  auto remember = [this, history = history_of(engine_.knowledge())] {
    return edges_.ledger.remember_durations(run_.gateway, history);
  };
  // Forgetting it would only cost some reads of the next run.
  Result<void> const remembered = co_await books_.run(std::move(remember));
  static_cast<void>(remembered);
  if (abandoned_) co_return Ending::abandoned;
  co_return engine_.breached() ? Ending::breached : Ending::finished;
}

/// A run that does nothing for minutes must say why, once.
void Driver::tell_what_stands_still(TimePoint now) {
  engine::Standing const standing = engine_.standing();
  if (standing.away && !away_told_) {
    tell(GatewayAway{.gives_up = standing.away->gives_up});
    away_told_ = standing.away->since;
  }
  if (!standing.away && away_told_) tell(GatewayBack{.away = now - *std::exchange(away_told_, {})});
  if (standing.doubts_block_until && !doubts_told_)
    tell(DoubtsInTheWay{.doubts = standing.doubts, .until = *standing.doubts_block_until});
  doubts_told_ = standing.doubts_block_until.has_value();
}

void Driver::drain(std::string why) {
  if (drain_) return;
  drain_ = why;
  paused_ = false;
  engine::Standing const standing = engine_.standing();
  tell(Draining{.why = why, .in_flight = standing.in_flight - standing.doubts, .doubts = standing.doubts});
  mailbox_.post(engine::StopRequested{.why = std::move(why)});
}

void Driver::pause() {
  if (drain_ || std::exchange(paused_, true)) return;
  engine::Standing const standing = engine_.standing();
  tell(Paused{.in_flight = standing.in_flight - standing.doubts});
  mailbox_.post(engine::PauseRequested{});
}

void Driver::go_on() {
  if (!std::exchange(paused_, false)) return;
  tell(WentOn{});
  mailbox_.post(engine::ResumeRequested{});
}

void Driver::abandon() {
  abandoned_ = true;
  mailbox_.interrupt();
}

void Driver::fail_run(Error const& error) {
  failure_ = error;
  mailbox_.interrupt();
}

void Driver::called_back(std::string const& token, GatewayTaskId id) {
  if (auto const known = tokens_.find(token); known != tokens_.end())
    mailbox_.post(engine::CalledBack{known->second, std::move(id)});
}

TaskTitle Driver::title(TaskId id) const {
  plan::PlannedTask const& task = live_.at(index(id)).task.plan;
  return {.name = task.name, .take = task.take, .takes = task.takes};
}

void Driver::forget(TaskId id) {
  auto const found = live_.find(index(id));
  if (found == live_.end()) return;
  if (!found->second.token.empty()) tokens_.erase(found->second.token);
  live_.erase(found);
}

net::awaitable<void> Driver::carry_out(engine::Action action) {
  if (auto const* order = std::get_if<engine::Load>(&action)) co_await load(*order);
  if (auto const* order = std::get_if<engine::Prepare>(&action)) co_await prepare(*order);
  if (auto* order = std::get_if<engine::Submit>(&action)) co_await submit(std::move(*order));
  if (auto const* order = std::get_if<engine::Replay>(&action)) co_await replay(*order);
  if (auto const* order = std::get_if<engine::Search>(&action)) co_await search(*order);
  if (auto* order = std::get_if<engine::Adopt>(&action)) co_await adopt(std::move(*order));
  if (auto* order = std::get_if<engine::Poll>(&action)) co_await poll(std::move(*order));
  if (std::holds_alternative<engine::Probe>(action)) co_await probe();
  if (auto* order = std::get_if<engine::Fetch>(&action)) co_await fetch(std::move(*order));
}

net::awaitable<void> Driver::load(engine::Load order) {
  auto read = [this, order] { return run_.pending->next(order.count); };
  Result<std::vector<ledger::TaskRecord>> records = co_await books_.run(std::move(read));
  if (!records) {
    fail_run(records.error());
    co_return;
  }
  bool const all = records->size() < order.count;
  if (take_in(*std::move(records), edges_.clock.now())) mailbox_.post(engine::Loaded{.all = all});
}

}  // namespace callsheet::run
