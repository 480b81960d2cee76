#include "orchestrator/run/driver.hpp"

#include "orchestrator/core/assert.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/overloaded.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

std::uint64_t seed_of(RunId const& run) {
  return std::stoull(sha256_hex(run.str()).substr(0, 16), nullptr, 16);
}

/// The same for every replay of an attempt, different for every other: 16 to 96 characters (gateway-api.md
/// 11).
std::string idempotency_key_of(std::string const& nonce, AttemptKey attempt) {
  return fmt::format("cs_{}_{}_{}", nonce, index(attempt.task), attempt.ordinal);
}

bool has_files(Request const& request) {
  std::vector<MediaInput> const inputs = inputs_of(request);
  return std::any_of(inputs.begin(), inputs.end(),
                     [](MediaInput const& input) { return input.kind == MediaInput::Kind::file; });
}

/// Where the gateway finds what the request uses; empty when an upload is no longer there.
std::optional<gateway::Addresses> addresses_of(Request const& request, Uploads const& uploads) {
  gateway::Addresses addresses;
  bool all = true;
  auto const find = [&](MediaInput const& input) {
    std::string address = uploads.address_of(input);
    all = all && !address.empty();
    return address;
  };
  if (request.image_start) addresses.start = find(*request.image_start);
  if (request.image_end) addresses.end = find(*request.image_end);
  for (MediaInput const& image : request.images) addresses.images.push_back(find(image));
  if (request.video) addresses.video = find(*request.video);
  return all ? std::optional{std::move(addresses)} : std::nullopt;
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
                .clock = edges_.clock}},
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
    Live live{.task = *std::move(task), .order = {}, .token = {}, .held = {}, .bought = {}};
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

Request Driver::with_ids(Request request) const {
  for (Element& element : request.elements)
    if (!element.made_by.empty()) {
      element.id = elements_.at(element.made_by).id;
      CALLSHEET_ASSERT(!element.id.empty());  // else the clip would be another, and paid for all the same
    }
  return request;
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
  engine::Standing const standing = engine_.standing();
  tell(Draining{.why = why, .in_flight = standing.in_flight - standing.doubts, .doubts = standing.doubts});
  mailbox_.post(engine::StopRequested{.why = std::move(why)});
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

bool Driver::record(engine::Action const& action) {
  TimePoint const now = edges_.clock.now();
  return std::visit(
      Overloaded{
          [&](engine::RaiseHold const& order) {
            Credits const before = std::exchange(live(order.attempt.task).held, order.to);
            writer_.post(ledger::HoldRaised{.attempt = order.attempt, .to = order.to, .at = now});
            announce_money(order.to - before, Credits{}, Credits{});
            return true;
          },
          [&](engine::Settle const& order) {
            Credits const held = std::exchange(live(order.attempt.task).held, Credits{});
            writer_.post(
                ledger::Settled{.attempt = order.attempt, .billed = order.billed, .by = order.by, .at = now});
            announce_money(-held, order.billed, Credits{});
            return true;
          },
          [&](engine::Release const& order) {
            Credits const held = std::exchange(live(order.attempt.task).held, Credits{});
            writer_.post(ledger::Released{
                .attempt = order.attempt, .failure = order.failure, .then = order.then, .at = now});
            announce_money(-held, Credits{}, Credits{});
            tell(AttemptTroubled{
                .attempt = order.attempt, .title = title(order.attempt.task), .failure = order.failure});
            return true;
          },
          [&](engine::BookFailure const& order) {
            Credits const held = std::exchange(live(order.attempt.task).held, Credits{});
            bool const seen = order.refund == engine::Refund::seen;
            writer_.post(ledger::FailureBooked{.attempt = order.attempt,
                                               .failure = order.failure,
                                               .refund_seen = seen,
                                               .charged = order.charged,
                                               .then = order.then,
                                               .at = now});
            if (order.charged)
              announce_money(-held, *order.charged, Credits{});
            else
              announce_money(-held, Credits{}, seen ? Credits{} : held);
            tell(AttemptTroubled{
                .attempt = order.attempt, .title = title(order.attempt.task), .failure = order.failure});
            return true;
          },
          [&](engine::MarkInDoubt const& order) {
            writer_.post(ledger::Doubted{.attempt = order.attempt, .failure = order.failure, .at = now});
            tell(AttemptTroubled{.attempt = order.attempt,
                                 .title = title(order.attempt.task),
                                 .failure = order.failure,
                                 .in_doubt = true});
            return true;
          },
          [&](engine::SetAside const& order) {
            std::string text =
                fmt::format("{} is asked for nothing more in this run: {}", order.model.str(), order.why);
            writer_.post(ledger::Noted{.text = text, .at = now});
            tell(Warned{std::move(text)});
            return true;
          },
          [&](engine::Finish const& order) {
            writer_.post(
                ledger::TaskEnded{.task = order.task, .outcome = order.outcome, .why = order.why, .at = now});
            Live const& closed = live(order.task);
            plan::PlannedTask const& planned = closed.task.plan;
            tell(TaskClosed{.task = order.task,
                            .title = title(order.task),
                            .outcome = order.outcome,
                            .why = order.why,
                            .duration = planned.request.duration,
                            .quality = closed.bought.value_or(planned.route->candidates.front().quality),
                            .element = !makes_clips(planned.request.mode)});
            forget(order.task);
            return true;
          },
          [&](engine::FinishRest const& order) {
            // What is outstanding needs no record: it is what has no outcome.
            if (order.outcome != TaskOutcome::outstanding)
              writer_.post(ledger::RestEnded{.outcome = order.outcome, .why = order.why, .at = now});
            tell(RestClosed{.outcome = order.outcome, .why = order.why});
            return true;
          },
          [](auto const&) { return false; },
      },
      action);
}

void Driver::announce_money(Credits held, Credits billed, Credits refund_expected) {
  balance_ += {.held = held, .billed = billed, .refund_expected = refund_expected};
  tell(MoneyMoved{
      .held = balance_.held, .billed = balance_.billed, .refund_expected = balance_.refund_expected});
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

net::awaitable<void> Driver::prepare(engine::Prepare order) {
  std::vector<MediaInput> inputs = inputs_of(live(order.task).task.plan.request);
  for (MediaInput& input : inputs) {
    std::optional<Failure> failure = co_await uploads_.ensure(std::move(input));
    if (failure) {
      mailbox_.post(engine::PrepareFailed{order.task, *std::move(failure)});
      co_return;
    }
  }
  mailbox_.post(engine::Prepared{order.task});
}

net::awaitable<void> Driver::submit(engine::Submit order) {
  TaskId const id = order.attempt.task;
  Request request = with_ids(live(id).task.plan.request);
  request.quality = order.candidate.quality;
  live(id).bought = order.candidate.quality;
  std::optional<gateway::Addresses> known = addresses_of(request, uploads_);
  // A request without its picture would be another clip, paid for all the same.
  if (!known) {
    Failure failure{.kind = FailureKind::not_sent, .message = "an uploaded file is about to expire"};
    mailbox_.post(engine::InputsLost{order.attempt, std::move(failure)});
    co_return;
  }
  gateway::Addresses addresses = *std::move(known);
  std::string token;
  if (!callbacks_.url.empty()) {
    token = edges_.random_token();
    addresses.callback = callbacks_.url + token;
  }
  gateway::CreateOrder create{.body = edges_.gateway.encode(request, order.candidate.model, addresses),
                              .idempotency_key = idempotency_key_of(run_.nonce, order.attempt),
                              .expected = order.candidate.expected,
                              .most = order.candidate.most};
  ledger::Record intent = ledger::Intent{.attempt = order.attempt,
                                         .model = order.candidate.model,
                                         .quality = order.candidate.quality,
                                         .most = order.candidate.most,
                                         .groups = live(id).task.plan.groups,
                                         .idempotency_key = create.idempotency_key,
                                         .callback_token = token,
                                         .request_body = create.body,
                                         .why = std::move(order.why),
                                         .waited = std::string{to_string(order.waited)},
                                         .gateway_ahead = edges_.gateway.clock_ahead(),
                                         .at = edges_.clock.now()};
  Result<ledger::Receipt> const receipt = co_await writer_.write(std::move(intent));
  if (!receipt) {
    Failure failure{.kind = FailureKind::not_sent, .message = receipt.error().what};
    mailbox_.post(engine::InputsLost{order.attempt, std::move(failure)});
    co_return;
  }
  if (!receipt->granted) {
    mailbox_.post(engine::HoldRefused{order.attempt, receipt->cap, receipt->why});
    co_return;
  }
  Live& task = live(id);
  if (!task.token.empty()) tokens_.erase(task.token);
  if (!token.empty()) tokens_[token] = order.attempt;
  task.token = token;
  task.order = create;
  task.held = order.candidate.most;
  tell(AttemptBegan{.attempt = order.attempt,
                    .title = title(id),
                    .model = order.candidate.model,
                    .hold = order.candidate.most});
  announce_money(order.candidate.most, Credits{}, Credits{});
  mailbox_.post(engine::Sending{order.attempt});
  co_await send_create(order.attempt, std::move(create));
}

net::awaitable<void> Driver::replay(engine::Replay order) {
  gateway::CreateOrder create = live(order.attempt.task).order;
  co_await send_create(order.attempt, std::move(create));
}

net::awaitable<void> Driver::send_create(AttemptKey attempt, gateway::CreateOrder order) {
  auto created = co_await edges_.gateway.create(std::move(order));
  if (edges_.gateway.idempotency_seen() && !std::exchange(idempotency_told_, true))
    co_await remember_idempotency();
  if (!created) {
    Failure failure = std::move(created.error().failure);
    if (created.error().landed == gateway::Landed::no)
      mailbox_.post(engine::Refused{attempt, std::move(failure)});
    else
      mailbox_.post(engine::SubmitUnknown{attempt, std::move(failure)});
    co_return;
  }
  // Law 3: the id is durable before anything else happens with it.
  ledger::Record received =
      ledger::IdReceived{.attempt = attempt, .id = created->id, .at = edges_.clock.now()};
  Result<ledger::Receipt> const durable = co_await writer_.write(std::move(received));
  if (!durable) {
    // The last chance to tell: with this id the clip can be found at the gateway.
    tell(Warned{fmt::format("could not be recorded: attempt {}.{} is the gateway's task {}",
                            index(attempt.task), attempt.ordinal, created->id.str())});
    co_return;
  }
  tell(AttemptRunning{.attempt = attempt, .title = title(attempt.task), .id = created->id});
  mailbox_.post(
      engine::Submitted{attempt, created->id, std::move(created->reserved), created->estimated_time});
}

net::awaitable<void> Driver::remember_idempotency() {
  auto remember = [this] { return edges_.ledger.remember_idempotency(edges_.gateway.name()); };
  Result<void> const remembered = co_await books_.run(std::move(remember));
  if (remembered) mailbox_.post(engine::IdempotencySeen{});
}

net::awaitable<void> Driver::search(engine::Search order) {
  TimePoint const since = order.since + edges_.gateway.clock_ahead().value_or(Duration{0});
  auto list = co_await edges_.gateway.list(since);
  if (!list) {
    mailbox_.post(engine::ListFailed{std::move(list.error())});
    co_return;
  }
  // What was just answered may be on its way to the ledger: a task of our own must not look like a stranger.
  bool const durable = co_await writer_.flush();
  if (!durable) co_return;
  std::vector<GatewayTaskId> ids;
  for (gateway::ListedTask const& task : list->tasks) ids.push_back(task.id);
  struct Known {
    std::vector<bool> ids;
    std::vector<ledger::Undecided> others;
  };
  auto compare = [this, ids, since = order.since]() -> Result<Known> {
    constexpr std::chrono::hours slack{1};
    auto known = edges_.ledger.known_ids(run_.gateway, ids, since - slack);
    if (!known) return fail(known.error());
    auto others = edges_.ledger.undecided(run_.gateway, run_.id);
    if (!others) return fail(others.error());
    return Known{*std::move(known), *std::move(others)};
  };
  Result<Known> const known = co_await books_.run(std::move(compare));
  if (!known) {
    Failure failure{.kind = FailureKind::temporary, .message = known.error().what};
    mailbox_.post(engine::ListFailed{std::move(failure)});
    co_return;
  }
  // From the gateway's clock to ours.
  Duration const ahead = edges_.gateway.clock_ahead().value_or(Duration{0});
  bool const all = list->since == TimePoint::min();
  engine::Listed listed{.strangers = {}, .rivals = {}, .since = all ? TimePoint::min() : list->since - ahead};
  for (std::size_t i = 0; i < list->tasks.size(); ++i) {
    gateway::ListedTask& task = list->tasks[i];
    if (!known->ids[i])
      listed.strangers.push_back(
          {std::move(task.id), std::move(task.model), task.created - ahead, task.duration});
  }
  for (ledger::Undecided const& other : known->others)
    listed.rivals.push_back({other.model, other.submitted});
  mailbox_.post(std::move(listed));
}

/// Whether the task can be the one that was asked for, as far as it tells.
bool Driver::is_ordered(gateway::TaskView const& view, engine::Adopt const& order) const {
  std::optional<Duration> const ahead = edges_.gateway.clock_ahead();
  if (!view.created || !order.created || !ahead) return true;
  TimePoint const created = *view.created - *ahead;
  return order.created->first <= created && created <= order.created->last;
}

net::awaitable<void> Driver::adopt(engine::Adopt order) {
  auto view = co_await edges_.gateway.query(order.id, live(order.attempt.task).order.expected);
  if (!view) {
    mailbox_.post(engine::AdoptFailed{order.attempt, std::move(view.error())});
    co_return;
  }
  if (!is_ordered(*view, order)) {
    Failure failure{.kind = FailureKind::task_unknown, .message = "the task that was named is another's"};
    mailbox_.post(engine::AdoptFailed{order.attempt, std::move(failure)});
    co_return;
  }
  ledger::Record found = ledger::IdReceived{
      .attempt = order.attempt, .id = order.id, .at = edges_.clock.now(), .source = ledger::IdSource::found};
  Result<ledger::Receipt> const receipt = co_await writer_.write(std::move(found));
  if (!receipt || !receipt->granted) {
    Failure failure{.kind = FailureKind::task_unknown,
                    .message = receipt ? receipt->why : receipt.error().what};
    mailbox_.post(engine::AdoptFailed{order.attempt, std::move(failure)});
    co_return;
  }
  tell(AttemptRunning{.attempt = order.attempt, .title = title(order.attempt.task), .id = order.id});
  mailbox_.post(engine::Submitted{order.attempt, order.id, NotTold{}, {}});
}

net::awaitable<void> Driver::poll(engine::Poll order) {
  auto view = co_await edges_.gateway.query(order.id, live(order.attempt.task).order.expected);
  if (!view) {
    mailbox_.post(engine::PollFailed{order.attempt, std::move(view.error())});
    co_return;
  }
  engine::Polled news{.attempt = order.attempt,
                      .percent = view->percent,
                      .links = std::move(view->links),
                      .failure = std::move(view->failure),
                      .charged = view->charged,
                      .refund_seen = view->refund_seen};
  if (!makes_clips(live(order.attempt.task).task.plan.request.mode)) {
    news.links.clear();
    if (!view->element.empty()) news.links.push_back(std::move(view->element));
  }
  switch (view->status) {
    case gateway::TaskStatus::running:
      news.progress = engine::Progress::running;
      break;
    case gateway::TaskStatus::completed:
      news.progress = engine::Progress::completed;
      break;
    case gateway::TaskStatus::failed:
      news.progress = engine::Progress::failed;
      break;
  }
  tell(AttemptProgressed{
      .attempt = order.attempt, .title = title(order.attempt.task), .percent = news.percent});
  mailbox_.post(std::move(news));
}

net::awaitable<void> Driver::probe() {
  Result<gateway::Balance> const balance = co_await edges_.gateway.balance();
  bool const away =
      !balance && (balance.error().code == Code::unreachable || balance.error().code == Code::timed_out);
  mailbox_.post(engine::Probed{away ? engine::Reach::away : engine::Reach::there});
}

/// Nothing is downloaded: the id that came as a link is all there is, and durable before anything uses it.
net::awaitable<void> Driver::keep_element(engine::Fetch order) {
  engine::FetchFailed failed{.attempt = order.attempt, .failure = {}, .link = engine::LinkState::alive};
  if (order.links.empty()) {
    failed.failure = Failure{.message = "the finished task names no element"};
    failed.link = engine::LinkState::dead;
    mailbox_.post(std::move(failed));
    co_return;
  }
  TaskId const task = order.attempt.task;
  std::string const id = order.links.front();
  ledger::Record made = ledger::ElementMade{.task = task, .id = id};
  Result<ledger::Receipt> const durable = co_await writer_.write(std::move(made));
  if (!durable) {
    failed.failure = Failure{.message = durable.error().what};
    mailbox_.post(std::move(failed));
    co_return;
  }
  for (auto& [identity, element] : elements_)
    if (element.task == task) element.id = id;
  mailbox_.post(engine::Fetched{.attempt = order.attempt});
}

net::awaitable<void> Driver::fetch(engine::Fetch order) {
  TaskId const id = order.attempt.task;
  if (!makes_clips(live(id).task.plan.request.mode)) {
    co_await keep_element(std::move(order));
    co_return;
  }
  tell(FetchBegan{.attempt = order.attempt, .title = title(id)});
  engine::FetchFailed failed{.attempt = order.attempt, .failure = {}, .link = engine::LinkState::alive};
  if (order.links.empty()) {
    failed.failure = Failure{.message = "the finished task has no link yet"};
    failed.link = engine::LinkState::dead;
    mailbox_.post(std::move(failed));
    co_return;
  }
  LoadedTask const& task = live(id).task;
  Deliveries::Ordered ordered{.request = task.plan.request,
                              .bought = live(id).bought.value_or(task.plan.request.quality)};
  auto home = co_await deliveries_.deliver(id, std::move(order.links.front()), task.clip,
                                           run_.terms.output_dir / task.plan.output, std::move(ordered));
  if (!home) {
    failed.failure = std::move(home.error().failure);
    failed.link = home.error().link_dead ? engine::LinkState::dead : engine::LinkState::alive;
    mailbox_.post(std::move(failed));
    co_return;
  }
  mailbox_.post(engine::Fetched{.attempt = order.attempt,
                                .length = home->clip.length,
                                .mismatch = fmt::format("{}", fmt::join(home->differences, "; "))});
}

}  // namespace callsheet::run
